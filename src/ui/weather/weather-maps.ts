/** Paints what the weather shows on its canvases: fields, isolines, coastlines, colour bars. */
import type { ColourScale } from '../../show/colours.ts';
import { dateTime } from '../../show/format.ts';
import { paintField } from '../../show/map-image.ts';
import type { PeoplesField } from '../../show/people.ts';
import { drawColourBar } from '../colour-bar.ts';
import type { LeadFields } from './lead-fields.ts';
import { type MapSheet, roomAspect } from './map-sheet.ts';
import { mapLabel, words } from './words.ts';

/** What is drawn, in the units of people. */
export interface Drawn {
  readonly sheet: MapSheet;
  readonly people: PeoplesField;
  readonly forecast: Float32Array;
  readonly scale: ColourScale;
  /** Of a forecast; a field that is being computed has nothing to be compared with. */
  readonly lead: LeadFields | undefined;
  readonly errors: ColourScale | undefined;
}

export interface WeatherMaps {
  /** Draws it in the next frame; of several in one frame the last. */
  draw(drawn: Drawn): void;
  /** Lines have the size that they are shown at. */
  resized(): void;
  /** Draws nothing more. */
  end(): void;
}

/** @param root has the canvases and bars, when it is drawn */
export function createWeatherMaps(root: HTMLElement): WeatherMaps {
  let drawn: Drawn | undefined;
  /** The sheet that the coastlines are of. */
  let lined: MapSheet | undefined;
  let lines: typeof import('./lines.ts') | undefined;
  let frame = 0;
  /** The scales that the bars show: they stay from lead to lead, and a bar is some thirty elements. */
  const barred = new Map<string, ColourScale>();

  const find = <T extends Element>(selector: string, type: new () => T): T => {
    const found = root.querySelector(selector);
    if (!(found instanceof type)) throw new Error(`the weather has no ${selector}`);
    return found;
  };

  const drawBar = (selector: string, scale: ColourScale, most: number) => {
    if (barred.get(selector) === scale) return;
    barred.set(selector, scale);
    drawColourBar(find(selector, HTMLDivElement), scale, most);
  };

  const paint = ({ sheet, people, forecast, scale, lead, errors }: Drawn) => {
    const time = lead ? dateTime(lead.validTime, lead.calendar) : '';
    const on = (name: string, title: string) => {
      const canvas = find(`#map-${name}`, HTMLCanvasElement);
      canvas.ariaLabel = mapLabel(title, people, time);
      return canvas;
    };
    paintField(on('forecast', lead ? words.forecast : words.spinUp), forecast, sheet.large, scale);
    drawBar('#bar-field', scale, 3);
    if (!lead || !errors) return;
    paintField(on('truth', words.truth), lead.truth, sheet.small, scale);
    paintField(on('error', words.difference), lead.difference, sheet.small, errors);
    drawBar('#bar-error', errors, 2);
    const maps = find('#maps', HTMLDivElement);
    maps.dataset.drawn = String(Number(maps.dataset.drawn ?? 0) + 1);
  };

  const fitTo = ({ frame: { aspect } }: MapSheet) => {
    for (const sheet of root.querySelectorAll<HTMLElement>('.weather-sheet')) {
      sheet.style.setProperty('width', `${100 * Math.min(1, aspect / roomAspect)}%`);
      sheet.style.setProperty('aspect-ratio', String(aspect));
    }
  };

  const drawIsolines = () => {
    if (!lines || !drawn) return;
    const canvas = find('.isolines', HTMLCanvasElement);
    const { forecast, sheet, scale } = drawn;
    lines.drawIsolines(canvas, forecast, sheet, sheet.frame, scale, canvas.clientWidth);
  };
  const drawCoasts = () => {
    if (!lines || !drawn) return;
    lined = drawn.sheet;
    const [large, ...small] = root.querySelectorAll<HTMLCanvasElement>('.coast');
    lines.drawCoastlines([large], lined.frame, large.clientWidth);
    lines.drawCoastlines(small, lined.frame, small[0].clientWidth);
  };
  const drawLines = async () => {
    lines ??= await import('./lines.ts');
    if (drawn?.sheet !== lined) drawCoasts();
    drawIsolines();
  };

  return {
    draw(next) {
      drawn = next;
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        if (next.sheet !== lined) fitTo(next.sheet);
        paint(next);
        void drawLines();
      });
    },
    resized() {
      drawCoasts();
      drawIsolines();
    },
    end: () => cancelAnimationFrame(frame),
  };
}
