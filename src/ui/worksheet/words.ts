/** The words of worksheets. */
import { count } from '../../show/format.ts';

export const words = {
  title: 'Hide for a worksheet',
  about:
    'A link that leaves out what an exercise is not about, with the settings of this page. Whoever opens it can show all again; Train and Pause are always there.',
  opensAt: 'Opens at',
  link: 'The link',
  copy: 'Copy',
  copied: 'Copied',
  selected: 'Selected',
  nothing: 'Nothing is hidden yet: choose what to leave out.',
};

export const hiddenWords = (number: number) =>
  `A worksheet: ${number === 1 ? 'one part is' : `${count(number)} parts are`} hidden.`;
