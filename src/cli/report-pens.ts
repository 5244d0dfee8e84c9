/** How the terminal's report gets its images and coastlines. */
import fineJson from 'world-atlas/land-50m.json';
import landJson from 'world-atlas/land-110m.json';
import type { LandTopology } from '../show/coast-lines.ts';
import { coastPen } from '../show/coast-path.ts';
import type { ReportPens } from '../show/report-map.ts';
import { encodePng } from './png.ts';

export const reportPens: ReportPens = {
  png: (pixels, width, height) => encodePng(pixels, width, height).toString('base64'),
  coast: coastPen(landJson as unknown as LandTopology, fineJson as unknown as LandTopology),
};
