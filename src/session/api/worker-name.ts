/** Names of workers. One that trains the page's run is named by the id of its page; one cuts models to be looked at: */
export const cutsWorker = 'cuts';

/** One reads data sheets: */
export const sheetWorker = 'sheet';

/** One that trains runs of which no later page is to find anything: */
export const studyWorker = 'study';
