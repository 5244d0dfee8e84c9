import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { scoreCells } from '../../../src/cli/metrics-table.ts';
import { encodePng } from '../../../src/cli/png.ts';
import { rankHead, rankRows, textTable } from '../../../src/cli/rank-table.ts';
import { reportHtml } from '../../../src/cli/report.ts';
import type { RankResult, RunInfo, RunResult } from '../../../src/session/api/api.ts';
import { lineChart } from '../../../src/show/svg-chart.ts';
import { runInfo, skillRow } from './run-info.ts';

test('a PNG holds its pixels', () => {
  const pixels = Uint8Array.from({ length: 2 * 3 * 4 }, (_, i) => i);
  const png = encodePng(pixels, 3, 2);
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([3, 2]);
  const start = png.indexOf('IDAT');
  const rows = inflateSync(png.subarray(start + 4, start + 4 + png.readUInt32BE(start - 4)));
  expect([...rows]).toEqual([0, ...pixels.subarray(0, 12), 0, ...pixels.subarray(12)]);
  expect(() => encodePng(pixels, 3, 3)).toThrow('36 bytes, not 24');
});

describe('a line chart', () => {
  const chart = { title: 'a < b', xLabel: 'x', yLabel: 'y' };

  test('draws what is finite, and escapes its words', () => {
    const svg = lineChart({
      ...chart,
      series: [
        {
          name: 's',
          colour: '#123456',
          points: [
            [0, 1],
            [1, Number.NaN],
            [2, 3],
          ],
        },
      ],
    });
    expect(svg).toContain('a &lt; b');
    expect(svg).not.toContain('NaN');
    expect(svg.match(/stroke="#123456"[^>]*d="M([^"]*)"/)?.[1].split('L')).toHaveLength(2);
  });

  test('is left out where nothing can be drawn', () => {
    const points = [[0, -1]] as const;
    expect(lineChart({ ...chart, logarithmic: true, series: [{ name: 's', colour: 'red', points }] })).toBe(
      '',
    );
  });

  test('has no more points than pixels', () => {
    const points = Array.from({ length: 10_000 }, (_, i) => [i, Math.exp(-i / 1000)] as const);
    const svg = lineChart({ ...chart, series: [{ name: 's', colour: 'red', points }] });
    expect(svg.match(/d="M([^"]*)"\/>\n<\/svg>/)?.[1].split('L')).toHaveLength(625);
  });
});

test('the report stands alone: curves, scores and maps, and says that a model atmosphere is one', () => {
  const { adapter, channels } = runInfo;
  const [channel] = channels;
  const data = { kind: 'embedded', days: 30, seed: 1 } as const;
  const info: RunInfo = { ...runInfo, bytesReadFromData: 5 * 1024 };
  const result: RunResult = {
    model: 'WeatherMixer',
    preset: 'tiny',
    parameters: 10,
    steps: 2,
    lossFirst: 1,
    lossLast: 0.5,
    skill: [skillRow, { ...skillRow, leadHours: 48 }],
    samplesPerSecond: 5,
    dataMs: 0,
    gpuBusySeconds: 1,
    peakBytes: 1024,
    adapter,
    ranks: [],
    bytesReadFromData: 5 * 1024,
    bytesReadToScore: 0,
  };
  const rows = [
    { step: 1, loss: 1 },
    { step: 2, loss: 0.5, ...scoreCells([skillRow], info) },
  ];
  const field = Float32Array.from({ length: 12 }, (_, i) => 5000 + i);
  const map = {
    channel,
    leadHours: 24,
    validTime: 0,
    truth: field,
    forecast: field.map(v => v + 1),
    persistence: field.map(v => v - 2),
    climatology: field,
  };
  const settings = { data, preset: 'tiny', steps: 2, seed: 1, overrides: {} };
  const html = reportHtml({ settings, info, result, rows, maps: [map] });
  expect(html).toContain('model atmosphere, not observations');
  expect(html).toContain('<td>50.0\u00a0%</td>');
  expect(html).toContain('geopotential &lt;500 hPa&gt;');
  expect(html.match(/<svg viewBox/g)).toHaveLength(4);
  expect(html.match(/data:image\/png/g)).toHaveLength(4);
  expect(html).not.toMatch(/<script|src="http|href="http/);
  expect(html).not.toContain('Ranks of the mesh');
  expect(html).not.toContain('Data read');

  const mesh = {
    rows: 1,
    columns: 2,
    replicas: 1,
    transport: 'local',
    microBatches: 1,
    overlap: true,
    wire: 'f32',
  } as const;
  const ofMesh = { ...result, ranks: [rankResult(0), rankResult(1)] };
  const split = { ...info, synthetic: false, dataNotes: ['A chunk of z holds <all>, and is read twice.'] };
  const withRanks = reportHtml({
    settings: { ...settings, mesh },
    info: split,
    result: ofMesh,
    rows,
    maps: [],
  });
  expect(withRanks).toContain('Ranks of the mesh 1x2');
  expect(withRanks).toContain('<td>Data read</td><td>5.0\u00a0KiB</td>');
  expect(withRanks.match(/<td>3.0\u00a0KiB<\/td>/g)).toHaveLength(2);
  expect(withRanks).toContain('A chunk of z holds &lt;all&gt;, and is read twice.');
});

const rankResult = (rank: number): RankResult => ({
  rank,
  row: 0,
  column: rank,
  replica: 0,
  parameterBytes: 1024,
  optimizerBytes: 3 * 1024,
  activationBytes: 0,
  receiveBytes: 10,
  peakBytes: 2 ** 30,
  bytesReadFromData: 100,
  bytesSent: 500 + rank,
  messagesSent: 7.5,
  exchangeMs: 12.34,
  exposedExchangeMs: 1,
  dataMs: 0.25,
  computeMs: 20,
});

test('the table of ranks in the terminal has a line for each, under heads that stand over their columns', () => {
  const lines = textTable(rankHead, rankRows([rankResult(0), rankResult(1)])).split('\n');
  expect(lines).toHaveLength(5);
  expect(new Set(lines.map(line => line.length)).size).toBe(1);
  expect(lines[4].trim().split(/ {2,}/)).toEqual([
    '1',
    '0',
    '1',
    '0',
    '1.0\u00a0KiB',
    '3.0\u00a0KiB',
    '0\u00a0B',
    '10\u00a0B',
    '1.0\u00a0GiB',
    '100\u00a0B',
    '501\u00a0B',
    '7.5',
    '12.3',
    '1.0',
    '0.3',
    '20.0',
  ]);
});
