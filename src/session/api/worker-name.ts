/** Names of workers. One that trains the page's run is named by the id of its page; one that cuts models to be looked at: */
export const cutsWorker = 'cuts';

/** One that trains runs of which no later page is to find anything: */
export const studyWorker = 'study';
