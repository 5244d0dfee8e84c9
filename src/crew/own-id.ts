/** The id of this page: one for its whole life, the same in every room. */
export { selfId as ownId } from '@trystero-p2p/core';
