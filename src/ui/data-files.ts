/** Which files are of use to a preset, told by their names: what a user opens or drops is refused early where it is not. */
import { presets } from '../session/api/presets.ts';
import { list } from '../show/format.ts';
import { taskWords } from '../show/task-words.ts';
import { wantsImages } from './data-source.ts';

export const fieldEndings: readonly string[] = ['.nc', '.nc4', '.cdf', '.netcdf', '.nc.gz', '.zarr.zip'];
/** The same for a file picker, which knows no more of a name than its last ending. */
export const fieldsPicked = fieldEndings.map(ending => ending.slice(ending.lastIndexOf('.'))).join(',');
export const checkpointEnding = '.safetensors';

/** Images, archives of them, and the files of IDX and CIFAR sets. */
const imageNames = [
  /\.(png|jpe?g|webp|gif|bmp)$/i,
  /\.(zip|tar|tgz|tar\.gz)$/i,
  /-ubyte(\.gz)?$/i,
  /^(data_batch_\d+|test_batch|train|test)\.bin$/i,
];

export const endsWith = (name: string, endings: readonly string[]): boolean =>
  endings.some(ending => name.toLowerCase().endsWith(ending));
export const isImageData = (name: string): boolean => imageNames.some(pattern => pattern.test(name));
/** Fields on a grid: a NetCDF file, or the folder of a store as it is usually called. */
const isFieldData = (name: string) => endsWith(name, [...fieldEndings, '.zarr']);

/** What can be dropped or opened instead. */
export const imagesWanted =
  'a folder with a folder of images for every class, a zip or .tar.gz of one, or IDX or CIFAR files';
export const fieldsWanted = `NetCDF files (${list(fieldEndings)}), the folder of a Zarr store`;

/**
 * Why these are no data for a preset, for people; undefined where they may be. Among images there may be other files.
 *
 * @param names of files and folders
 */
export function whyUnfit(names: readonly string[], preset: string): string | undefined {
  const images = wantsImages(preset);
  const strange = images
    ? names.some(isImageData)
      ? []
      : names
    : names.filter(name => !isFieldData(name) && !endsWith(name, [checkpointEnding]));
  if (strange.length === 0) return undefined;
  const what = strange.length === 1 ? strange[0] : `${strange[0]} and ${strange.length - 1} more`;
  const wanted = images ? imagesWanted : fieldsWanted;
  const isOfOther = strange.some(images ? isFieldData : isImageData);
  return `${what} cannot be used here. Drop ${wanted}, or a checkpoint (${checkpointEnding}).${isOfOther ? otherModel(preset) : ''}`;
}

/** That data of the other sort need another model. */
function otherModel(preset: string): string {
  const { label, task } = presets[preset];
  const [other] = Object.entries(presets).filter(([name]) => wantsImages(name) !== wantsImages(preset));
  if (!other) return '';
  const { label: otherLabel, task: otherTask } = other[1];
  return ` ${label} is for ${taskWords(task.kind).purpose}: to train on these, first choose a model for ${taskWords(otherTask.kind).purpose}, such as ${otherLabel}.`;
}
