/** The maps: truth, forecast and error side by side, asked of the session and painted in small images. */
import type { MapSpec, MapView } from '../session/api/api.ts';
import { type ColourScale, errorScale, fieldScale } from '../show/colours.ts';
import { dateTime, fieldNumber, leadTime, prettyUnits } from '../show/format.ts';
import { frameOf, type MapFrame } from '../show/map-frame.ts';
import { createSampler, paintField, type Sampler } from '../show/map-image.ts';
import type { Ask } from './ask-view.ts';
import { drawCoastlines } from './coastlines.ts';
import { drawColourBar } from './colour-bar.ts';
import { element, setText } from './dom.ts';
import type { MapChoice } from './map-choice.ts';
import { mapRmse, readout } from './map-readout.ts';
import { createPicture, type Picture } from './picture.ts';

/** Pixels in a row of the painted image: enough for smooth bands, small enough to paint in a few milliseconds. */
const imageWidth = 400;

interface Grid {
  readonly spec: MapSpec;
  readonly frame: MapFrame;
  readonly sampler: Sampler;
}

export interface MapsOptions {
  readonly choice: MapChoice;
  readonly ask: Ask;
  readonly onError: (cause: unknown) => void;
}

/** Maps of the chosen forecast; they are hidden where a run has none. */
export function createMaps({ choice, ask, onError }: MapsOptions): Picture<MapSpec> {
  const panel = element('maps-panel', HTMLElement);
  const area = element('maps', HTMLDivElement);
  const canvases = {
    truth: element('map-truth', HTMLCanvasElement),
    forecast: element('map-forecast', HTMLCanvasElement),
    error: element('map-error', HTMLCanvasElement),
  };
  const coasts = [...area.querySelectorAll<HTMLCanvasElement>('canvas.coast')];
  const caption = element('maps-caption', HTMLParagraphElement);
  let grid: Grid | undefined;
  let shown: MapView | undefined;

  const summary = (map: MapView, latitude: Float64Array) => {
    const units = prettyUnits(map.channel.units);
    const own = fieldNumber(mapRmse(map.forecast, map.truth, latitude));
    const persistence = fieldNumber(mapRmse(map.persistence, map.truth, latitude));
    return `On this map the forecast is off by ${own} ${units} (RMSE), persistence by ${persistence}. The error's colours reach as far as the error of persistence: the paler, the better.`;
  };

  /** Draws in several short tasks, so that the page answers in between. */
  const draw = async (map: MapView, { spec, sampler }: Grid) => {
    const units = prettyUnits(map.channel.units);
    const fields = fieldScale(map.truth);
    const errors = errorScale(largestDifference(map.persistence, map.truth));
    const difference = map.forecast.map((value, k) => value - map.truth[k]);
    const paint = (name: keyof typeof canvases, field: Float32Array, scale: ColourScale) => {
      paintField(canvases[name], field, sampler, scale);
      canvases[name].ariaLabel = `Map of the ${name}: ${map.channel.longName}, ${dateTime(map.validTime)}`;
    };
    await nextTask();
    paint('truth', map.truth, fields);
    await nextTask();
    paint('forecast', map.forecast, fields);
    await nextTask();
    paint('error', difference, errors);
    await nextTask();
    drawColourBar(element('bar-field', HTMLDivElement), fields, 7);
    drawColourBar(element('bar-error', HTMLDivElement), errors, 4);
    setText(
      element('maps-when', HTMLParagraphElement),
      `${map.channel.longName}${units && ` in ${units}`}, ${leadTime(map.leadHours)} ahead, for ${dateTime(map.validTime)}`,
    );
    setText(caption, summary(map, spec.latitude));
    area.dataset.drawn = String(Number(area.dataset.drawn ?? 0) + 1);
  };

  const picture = createPicture<Grid>(async (asked, isGone) => {
    const map = await ask(asked.spec, choice.current());
    if (isGone()) return;
    shown = map;
    choice.showStart(map);
    await draw(map, asked);
  }, onError);

  const drawLines = () => {
    if (grid) drawCoastlines(coasts, grid.frame, coasts[0].clientWidth);
  };
  new ResizeObserver(drawLines).observe(coasts[0]);

  area.addEventListener('pointermove', ({ target, offsetX, offsetY }) => {
    if (!grid || !shown || !(target instanceof HTMLCanvasElement)) return;
    const across = offsetX / target.clientWidth;
    const down = offsetY / target.clientHeight;
    setText(caption, readout(shown, grid.frame, grid.sampler, across, down));
  });
  area.addEventListener('pointerleave', () => {
    if (grid && shown) setText(caption, summary(shown, grid.spec.latitude));
  });

  return {
    refresh: picture.refresh,
    refreshSometimes: picture.refreshSometimes,
    leave() {
      grid = undefined;
      return picture.leave();
    },
    restart(spec) {
      panel.hidden = spec === undefined;
      shown = undefined;
      grid = spec && gridOf(spec);
      picture.restart(grid);
      if (!spec || !grid) return;
      for (const canvas of [...Object.values(canvases), ...coasts]) {
        canvas.style.aspectRatio = String(grid.frame.aspect);
      }
      choice.restart(spec);
      drawLines();
    },
  };
}

function gridOf(spec: MapSpec): Grid {
  const frame = frameOf(spec.latitude, spec.longitude);
  const width = frame.aspect >= 1 ? imageWidth : Math.round(imageWidth * frame.aspect);
  return { spec, frame, sampler: createSampler(spec.latitude, spec.longitude, frame, width) };
}

/** Resolves in a task of its own. */
const nextTask = () => new Promise<void>(resolve => setTimeout(resolve));

/** The largest difference of two fields, but for the most extreme hundredth of the points. */
function largestDifference(a: Float32Array, b: Float32Array): number {
  const sizes = a.map((value, k) => Math.abs(value - b[k])).filter(size => !Number.isNaN(size));
  sizes.sort();
  return sizes[Math.floor(0.99 * (sizes.length - 1))] ?? 0;
}
