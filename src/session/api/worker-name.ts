/** The name of the worker that cuts models to be looked at; that of one that trains is the id of its page. */
export const cutsWorker = 'cuts';
