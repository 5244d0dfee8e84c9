import { expect, test } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../../src/io/safetensors.ts';
import type { ModelConfig } from '../../../src/models/model.ts';
import type { WeatherMixerConfig } from '../../../src/models/weathermixer-config.ts';
import { decodeCheckpoint, encodeCheckpoint, readCheckpointInfo } from '../../../src/train/checkpoint.ts';
import { CheckpointError } from '../../../src/train/checkpoint-error.ts';
import { wholeLayout } from '../../../src/train/plans.ts';
import { freshPlateau } from '../../../src/train/schedule.ts';
import type { CheckpointInfo } from '../../../src/train/trainer-state.ts';
import { infoOf, wholeState } from '../parallel/shards.ts';

const layout = wholeLayout(infoOf(4).model);
const good = JSON.stringify(infoOf(4));
const form = { shader: 'matmul', constants: {}, tile: [64, 64], depth: 16, splits: 1 } as const;

test.each([
  ['no description', undefined, 'Expected string but received undefined'],
  ['a description that is no JSON', '{"step": ', 'JSON'],
  ['a description of nothing', 'null', 'Expected Object but received null'],
  ['no model', JSON.stringify({ ...infoOf(4), model: undefined }), 'model: '],
  ['a model of no size', good.replace('"blocks":2', '"blocks":"two"'), 'model.config.blocks: '],
  ['no plateau', JSON.stringify({ ...infoOf(4), plateau: undefined }), 'plateau: '],
  ['forms that are a word', JSON.stringify({ ...infoOf(4), forms: 'fast' }), 'forms: '],
  [
    'a form with a tile of nothing',
    JSON.stringify({ ...infoOf(4), forms: { 'a GPU': [['8x8x8 nn', { ...form, tile: [0, 0] }]] } }),
    'forms.a GPU.0.1.tile.0: ',
  ],
  ['a step of infinity', good.replace('"step":40', '"step":1e999'), 'step: '],
])('%s: refused as damaged', (_, info, words) => {
  const metadata = { format: 'isobar-checkpoint-2', ...(info === undefined ? {} : { info }) };
  const bytes = writeSafetensors(new Map(), metadata);
  const read = () => readCheckpointInfo(bytes);
  expect(read).toThrow(CheckpointError);
  expect(read).toThrow('This checkpoint is damaged: what it says of its run cannot be read');
  expect(read).toThrow(words);
});

test('a checkpoint of before the first loss and evaluation comes back as it was', () => {
  const info: CheckpointInfo = { ...infoOf(4), lossLast: Number.NaN, plateau: freshPlateau };
  const state = wholeState(4);
  const bytes = encodeCheckpoint({ info, state }, layout);
  expect(readCheckpointInfo(bytes)).toEqual(info);
  expect(decodeCheckpoint(bytes, info.model, layout, Object.keys(state))).toEqual({ info, state });
});

test('it carries the forms of every adapter that its run was on; an older one says nothing of them', () => {
  const forms = { 'a GPU': [['8x8x8 nn', form] as const], 'another GPU': [] };
  const read = (info: CheckpointInfo) =>
    readCheckpointInfo(encodeCheckpoint({ info, state: wholeState(4) }, layout)).forms;
  expect(read({ ...infoOf(4), forms })).toEqual(forms);
  expect(read(infoOf(4))).toBe(undefined);
});

test('a file of the first format, when all models were WeatherMixers, is read as one', () => {
  const info = infoOf(4);
  const state = wholeState(4);
  const { tensors, metadata } = readSafetensors(encodeCheckpoint({ info, state }, layout));
  const before = { ...info, model: info.model.config };
  const arrays = [...tensors].map(([name, { shape, values }]) => {
    return [name, { shape, values: Float32Array.from(values) }] as const;
  });
  const old = writeSafetensors(new Map(arrays), {
    ...metadata,
    format: 'isobar-checkpoint-1',
    info: JSON.stringify(before),
  });
  expect(readCheckpointInfo(old)).toEqual(info);
  expect(decodeCheckpoint(old, info.model, layout, Object.keys(state)).state).toEqual(state);
});

test('a checkpoint of another model is refused with what differs', () => {
  const info = infoOf(4);
  const bytes = encodeCheckpoint({ info, state: wholeState(4) }, layout);
  const config = info.model.config as WeatherMixerConfig;
  const decode = (model: ModelConfig) => () => decodeCheckpoint(bytes, model, layout, ['parameters']);
  expect(decode({ ...info.model, config: { ...config, dropout: 0.5 } })).not.toThrow();
  expect(decode({ ...info.model, config: { ...config, embedding: 64 } })).toThrow(
    `This checkpoint is of another model: it has embedding ${config.embedding} instead of 64.`,
  );
  expect(decode({ ...info.model, kind: 'resnet' })).toThrow(
    'it has the model weathermixer instead of resnet',
  );
});
