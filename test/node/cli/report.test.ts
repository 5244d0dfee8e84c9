import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { encodePng } from '../../../src/cli/png.ts';
import { reportPens } from '../../../src/cli/report-pens.ts';
import type { ImagesView, MapView, RankResult, RunInfo, TableView } from '../../../src/session/api/api.ts';
import { scoreCells } from '../../../src/show/metrics-table.ts';
import { rankHead, rankRows, textTable } from '../../../src/show/rank-table.ts';
import { type ReportContent, reportHtml } from '../../../src/show/report.ts';
import { scoreTable } from '../../../src/show/score-table.ts';
import { lineChart } from '../../../src/show/svg-chart.ts';
import { accuracy, channel, mapSpec, runInfo, runResult, scores } from './run-info.ts';

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

/** As the terminal writes it. */
const report = (content: ReportContent) => reportHtml(content, reportPens);

const settings = {
  data: { kind: 'embedded', days: 30, seed: 1 },
  preset: 'tiny',
  steps: 2,
  seed: 1,
  overrides: {},
} as const;

test('the report stands alone: curves, scores and maps, and says that a model atmosphere is one', () => {
  const info: RunInfo = { ...runInfo, bytesReadFromData: 5 * 1024 };
  const later = scores.map(score => ({ ...score, at: { axis: 'lead time', units: 'h', value: 48 } }));
  const result = { ...runResult, scores: [...scores, ...later] };
  const rows = [
    { step: 1, loss: 1 },
    { step: 2, loss: 0.5, ...scoreCells(scores, info) },
  ];
  const field = Float32Array.from({ length: 12 }, (_, i) => 5000 + i);
  const map: MapView = {
    kind: 'map',
    channel,
    leadHours: 24,
    validTime: 0,
    truth: field,
    forecast: field.map(v => v + 1),
    persistence: field.map(v => v - 2),
    climatology: field,
  };
  const html = report({ settings, info, result, rows, views: [{ spec: mapSpec, view: map }] });
  expect(html).toContain('<p class="notice">This is a model atmosphere, not observations.</p>');
  expect(html).toContain('<p>a source. 4 x 3 points.</p>');
  expect(html).toContain('<td>−50.0\u00a0%</td>');
  expect(html).toContain('<td>300\u00a0m² s⁻²</td>');
  expect(html).toContain('geopotential &lt;500 hPa&gt;');
  expect(titlesOf(html)).toEqual([
    'Training loss',
    'RMSE against persistence, validation part',
    'ACC, validation part',
    'RMSE against persistence, by lead time',
    'ACC, by lead time',
  ]);
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
  const withRanks = report({
    settings: { ...settings, mesh },
    info: split,
    result: ofMesh,
    rows,
    views: [],
  });
  expect(withRanks).toContain('Ranks of the mesh 1x2');
  expect(withRanks).toContain('<td>Data read</td><td>5.0\u00a0KiB</td>');
  expect(withRanks.match(/<td>3.0\u00a0KiB<\/td>/g)).toHaveLength(2);
  expect(withRanks).toContain('A chunk of z holds &lt;all&gt;, and is read twice.');
});

/** Of the charts. */
const titlesOf = (html: string) =>
  Array.from(html.matchAll(/<svg viewBox="0 0 [^>]*aria-label="([^"]*)"/g), ([, title]) => title);

describe('of images', () => {
  const images: ImagesView = {
    kind: 'images',
    channels: 1,
    height: 2,
    width: 1,
    pixels: Uint8Array.of(10, 20, 30, 40, 50, 60),
    classes: ['cat', 'dog & fox'],
    items: [
      { label: 0, guess: 0, confidence: 0.75 },
      { label: 0, guess: 1, confidence: 0.5 },
      { label: 1, guess: 1, confidence: 1 },
    ],
  };
  const named = { name: 'images', label: 'Test images' };
  const counts: TableView = {
    kind: 'table',
    rowTitle: 'true class',
    columnTitle: 'guess',
    rows: images.classes,
    columns: images.classes,
    values: [
      [3, 1],
      [0, 1234],
    ],
  };
  const table = { kind: 'table', name: 'confusion', label: 'Confusion' } as const;
  const info: RunInfo = {
    ...runInfo,
    notice: undefined,
    validationScores: [{ ...accuracy, baselines: ['commonest class'] }],
  };
  const content = {
    settings,
    info,
    result: { ...runResult, scores: [accuracy] },
    rows: [1, 2].map(step => ({ step, loss: 1, ...scoreCells([accuracy], info) })),
  };

  test('shows what they are taken for, and how often one is for another', () => {
    const spec = { kind: 'images', ...named, classes: images.classes, images: 9 } as const;
    const html = report({
      ...content,
      views: [
        { spec, view: images },
        { spec: table, view: counts },
      ],
    });
    expect(html).not.toContain('class="notice"');
    expect(titlesOf(html)).toEqual(['Training loss', 'Accuracy, validation part']);
    expect(html).toContain('</span> commonest class');
    expect(html).toContain('<tr><th>Accuracy</th><th>Commonest class</th></tr>');
    expect(html).toContain('<tr><td>91.3\u00a0%</td><td>10.0\u00a0%</td></tr>');
    expect(html).toContain('<h2>Test images</h2>');
    expect(html).toContain('2 of 3 images of the test part are taken for what they are');
    const pngs = Array.from(html.matchAll(/src="data:image\/png;base64,([^"]*)" alt="([^"]*)"/g));
    expect(pngs.map(([, , name]) => name)).toEqual(['cat', 'cat', 'dog &amp; fox']);
    expect(pngs[1][1]).toBe(
      encodePng(Uint8Array.of(30, 30, 30, 255, 40, 40, 40, 255), 1, 2).toString('base64'),
    );
    expect(html).toContain('cat<br>75.0\u00a0%</div>');
    expect(html).toContain('cat<br>taken for dog &amp; fox, 50.0\u00a0%</div>');
    expect(html.match(/class="image wrong"/g)).toHaveLength(1);
    expect(html).toContain('Rows: true class; columns: guess.');
    expect(html).toMatch(/<tr><th>dog &amp; fox<\/th><td [^>]*>0<\/td><td [^>]*>1\u202f234<\/td><\/tr>/);
  });

  test('in colour has red, green and blue', () => {
    const [item] = images.items;
    const view = { ...images, channels: 3, pixels: Uint8Array.of(1, 2, 3, 4, 5, 6), items: [item] } as const;
    const spec = { kind: 'images', ...named, classes: images.classes, images: 1 } as const;
    const html = report({ ...content, views: [{ spec, view }] });
    expect(html).toContain(encodePng(Uint8Array.of(1, 3, 5, 255, 2, 4, 6, 255), 1, 2).toString('base64'));
  });

  test('has the filters of the first layer on one scale around grey', () => {
    const values = Float32Array.of(0, 2, -4, 4);
    const view = { kind: 'filters', channels: 1, height: 2, width: 1, values } as const;
    const html = report({
      ...content,
      views: [{ spec: { kind: 'filters', name: 'filters', label: 'First layer' }, view }],
    });
    expect(html).toContain('<h2>First layer</h2>');
    const pngs = Array.from(html.matchAll(/base64,([^"]*)"/g), ([, png]) => png);
    const greys = (a: number, b: number) => Uint8Array.of(a, a, a, 255, b, b, b, 255);
    expect(pngs).toEqual(
      [greys(128, 191), greys(0, 255)].map(pixels => encodePng(pixels, 1, 2).toString('base64')),
    );
  });

  test('of a thousand classes tells the largest confusions alone', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
    const values = rows.map((_, r) => rows.map((_, c) => (r === c ? 50 : r === 7 && c === 3 ? 9 : 0)));
    const view = { ...counts, rows, columns: rows, values };
    const html = report({ ...content, views: [{ spec: table, view }] });
    expect(html).toContain('<tr><td>class 7</td><td>class 3</td><td>9</td></tr>');
    expect(html).not.toContain('class 8');
    expect(html.length).toBeLessThan(20_000);
  });
});

describe('the table of scores in the terminal', () => {
  test('has a line for what is scored at a distance, beside what it is held against', () => {
    const { head, rows } = scoreTable(scores, 'forecast');
    expect(head).toEqual([
      'Channel',
      'Lead time',
      'RMSE',
      'Persistence',
      'Climatology',
      'Against persistence',
      'ACC',
      'Bias',
    ]);
    expect(rows).toEqual([
      [
        'z500',
        '1\u00a0d',
        ...['300', '600', '900'].map(text => `${text}\u00a0m² s⁻²`),
        '−50.0\u00a0%',
        '0.9',
        '1\u00a0m² s⁻²',
      ],
    ]);
  });

  test('of several metrics leaves empty what a row does not have', () => {
    const of = { name: 'cat', label: 'Cat' };
    const other = { ...accuracy, of, metric: 'recall', label: 'Recall', baselines: [] };
    expect(scoreTable([accuracy, other], 'classify')).toEqual({
      head: ['Class', 'Accuracy', 'Recall', 'Commonest class'],
      rows: [
        ['', '91.3\u00a0%', '', '10.0\u00a0%'],
        ['cat', '', '91.3\u00a0%', ''],
      ],
    });
    expect(scoreTable([], 'classify')).toEqual({ head: [], rows: [] });
  });
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
