/** Names of workers that do not train: one cuts models to be looked at, one reads data sheets. One that trains has the id of its page. */
export const cutsWorker = 'cuts';
export const sheetWorker = 'sheet';
