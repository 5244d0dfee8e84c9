import type { IsobarBoard } from './board.ts';

/**
 * The board of the page. Its script is loaded when the board is looked at; what it is given before is there then, as lit has it
 * for elements that are defined late.
 */
export function boardPlace(): IsobarBoard {
  const board = document.querySelector('isobar-board');
  if (!board) throw new Error('the page has no board');
  return board;
}
