/** Opens the images of a place in a worker, and sends back those of the training part. */
import { openImages } from '../../../../src/data/images/open-images.ts';
import type { ImagePlace } from '../../../../src/data/images/place.ts';

addEventListener('message', async ({ data }: MessageEvent<ImagePlace>) => {
  const source = await openImages(data, { height: 4, width: 4 });
  const { classes, labels, train } = source;
  postMessage({ classes, labels, pixels: await source.read(train), images: train });
});
