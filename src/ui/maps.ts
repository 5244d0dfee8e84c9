/** The maps: truth, forecast and error side by side, asked of the session and painted in small images. */
import type { ForecastMap, RunInfo } from '../session/api/api.ts';
import { type ColourScale, errorScale, fieldScale } from '../show/colours.ts';
import { dateTime, fieldNumber, leadTime, prettyUnits } from '../show/format.ts';
import { frameOf, type MapFrame } from '../show/map-frame.ts';
import { createSampler, paintField, type Sampler } from '../show/map-image.ts';
import { drawCoastlines } from './coastlines.ts';
import { drawColourBar } from './colour-bar.ts';
import { element, setText } from './dom.ts';
import type { Choice, MapChoice } from './map-choice.ts';
import { mapRmse, readout } from './map-readout.ts';

/** Pixels in a row of the painted image: enough for smooth bands, small enough to paint in a few milliseconds. */
const imageWidth = 400;
/** While training, maps are drawn anew at most this often, and take at most a tenth of the time. */
const shortestPauseMilliseconds = 4000;

export interface Maps {
  /** Fetches and draws the chosen forecast; calls during a fetch are answered by one more. */
  refresh(): void;
  /** The same, unless the last drawing was a moment ago: for use while training. */
  refreshSometimes(): void;
  /** The run is about to go: asks nothing more of it, and resolves once the last answer is there. */
  leave(): Promise<void>;
  /** Another run, perhaps on another grid. */
  restart(info: RunInfo): void;
}

interface Grid {
  readonly info: RunInfo;
  readonly frame: MapFrame;
  readonly sampler: Sampler;
}

export interface MapsOptions {
  readonly choice: MapChoice;
  readonly forecast: (choice: Choice) => Promise<ForecastMap>;
  readonly onError: (cause: unknown) => void;
}

export function createMaps({ choice, forecast, onError }: MapsOptions): Maps {
  const area = element('maps', HTMLDivElement);
  const canvases = {
    truth: element('map-truth', HTMLCanvasElement),
    forecast: element('map-forecast', HTMLCanvasElement),
    error: element('map-error', HTMLCanvasElement),
  };
  const coasts = [...area.querySelectorAll<HTMLCanvasElement>('canvas.coast')];
  const caption = element('maps-caption', HTMLParagraphElement);
  let grid: Grid | undefined;
  let shown: ForecastMap | undefined;
  let fetching: Promise<void> | undefined;
  let again = false;
  let nextAllowed = 0;

  const summary = (map: ForecastMap, latitude: Float64Array) => {
    const units = prettyUnits(map.channel.units);
    const own = fieldNumber(mapRmse(map.forecast, map.truth, latitude));
    const persistence = fieldNumber(mapRmse(map.persistence, map.truth, latitude));
    return `On this map the forecast is off by ${own} ${units} (RMSE), persistence by ${persistence}. The error's colours reach as far as the error of persistence: the paler, the better.`;
  };

  /** Draws in several short tasks, so that the page answers in between. */
  const draw = async (map: ForecastMap, { info, sampler }: Grid) => {
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
    setText(caption, summary(map, info.latitude));
    area.dataset.drawn = String(Number(area.dataset.drawn ?? 0) + 1);
  };

  const fetchAndDraw = async () => {
    try {
      do {
        again = false;
        const asked = grid;
        if (!asked) return;
        const began = performance.now();
        const map = await forecast(choice.current());
        // The run that was asked is gone: its map is of no use.
        if (grid !== asked) continue;
        shown = map;
        choice.showStart(map);
        await draw(map, asked);
        const took = performance.now() - began;
        nextAllowed = performance.now() + Math.max(shortestPauseMilliseconds, 10 * took);
      } while (again);
    } catch (cause) {
      onError(cause);
    }
  };

  const refresh = () => {
    again = fetching !== undefined;
    fetching ??= fetchAndDraw().finally(() => {
      fetching = undefined;
    });
  };

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
    if (grid && shown) setText(caption, summary(shown, grid.info.latitude));
  });

  return {
    refresh,
    refreshSometimes() {
      if (performance.now() >= nextAllowed) refresh();
    },
    async leave() {
      grid = undefined;
      await fetching;
    },
    restart(info) {
      const frame = frameOf(info.latitude, info.longitude);
      const width = frame.aspect >= 1 ? imageWidth : Math.round(imageWidth * frame.aspect);
      grid = { info, frame, sampler: createSampler(info.latitude, info.longitude, frame, width) };
      shown = undefined;
      for (const canvas of [...Object.values(canvases), ...coasts]) {
        canvas.style.aspectRatio = String(frame.aspect);
      }
      choice.restart(info);
      drawLines();
    },
  };
}

/** Resolves in a task of its own. */
const nextTask = () => new Promise<void>(resolve => setTimeout(resolve));

/** The largest difference of two fields, but for the most extreme hundredth of the points. */
function largestDifference(a: Float32Array, b: Float32Array): number {
  const sizes = a.map((value, k) => Math.abs(value - b[k])).filter(size => !Number.isNaN(size));
  sizes.sort();
  return sizes[Math.floor(0.99 * (sizes.length - 1))] ?? 0;
}
