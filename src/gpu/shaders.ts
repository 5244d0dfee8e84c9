/**
 * The text of every file in `shaders/`, by its name without the extension. A line `// use box` stands for the text of
 * `shaders/prelude/box.wgsl`, which several shaders share. What a WeatherMixer on one device needs is there; the others are
 * loaded together when one of them is asked for.
 */
import { withPreludes } from './prelude.ts';

/** What it leaves out, and nothing else, is in `further-shaders.ts`. */
const files = import.meta.glob<string>(
  [
    '../../shaders/{adam,copy,elementwise,fill,sum,sum_squares}.wgsl',
    '../../shaders/matmul{,_direct,_lanes,_small}.wgsl',
    '../../shaders/norm_{apply,gradient,statistics,vector_gradients}.wgsl',
  ],
  { query: '?raw', import: 'default', eager: true },
);
const preludeFiles = import.meta.glob<string>(
  [
    '../../shaders/prelude/{box,dropout,norm,operands,pointwise,product,tiles}.wgsl',
    '../../shaders/prelude/{eight_columns,direct_*,lanes_*}.wgsl',
  ],
  { query: '?raw', import: 'default', eager: true },
);

type Texts = ReadonlyMap<string, string>;

const byName = (found: Record<string, string>): Texts =>
  new Map(Object.entries(found).map(([path, text]) => [path.replace(/^.*\/(.*)\.wgsl$/, '$1'), text]));

const preludes = byName(preludeFiles);

const whole = (texts: Texts, preludeOf: (name: string) => string | undefined): Texts =>
  new Map([...texts].map(([name, text]) => [name, withPreludes(text, name, preludeOf)]));

const first = whole(byName(files), name => preludes.get(name));
let further: Promise<Texts> | undefined;

async function readFurther(): Promise<Texts> {
  const more = await import('./further-shaders.ts');
  const own = byName(more.preludeFiles);
  return whole(byName(more.files), name => own.get(name) ?? preludes.get(name));
}

/** @throws Error where there is no such shader. */
export async function shaderText(name: string): Promise<string> {
  const text = first.get(name) ?? (await furtherTexts()).get(name);
  if (text === undefined) throw new Error(`no shader named ${name} in shaders/`);
  return text;
}

export const shaderNames = async (): Promise<readonly string[]> => [
  ...first.keys(),
  ...(await furtherTexts()).keys(),
];

/** Loaded once; asked for again where that failed. */
function furtherTexts(): Promise<Texts> {
  further ??= readFurther().catch(error => {
    further = undefined;
    throw error;
  });
  return further;
}
