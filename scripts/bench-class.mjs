// What thirty pupils cost a teacher's page: its longest task on the main thread, and the bytes that come and go. One pupil
// is a page that trains; the others speak the protocol alone (bench/class-pupil.ts). All meet over the relay of the server.
import { loadavg } from 'node:os';
import { countMessages, joinAs, openClassOn, serveClass } from '../bench/class-room.mjs';

const watchSeconds = 60;
/** Tasks that are told of, and parts of each. */
const mostTasks = 4;
const mostParts = 8;

/** By which the trace tells the teacher's page from the others. */
const traceMark = 'the page of the teacher';

/**
 * @param {import('playwright-core').Browser} browser
 * @param {number} pupils
 */
export async function measureClass(browser, pupils) {
  const server = await serveClass();
  try {
    const teacher = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    await teacher.addInitScript(watchTasks);
    let relayBytes = 0;
    teacher.on('websocket', socket => {
      const count = (/** @type {{ payload: string | Buffer }} */ { payload }) => {
        relayBytes += payload.length;
      };
      socket.on('framereceived', count);
      socket.on('framesent', count);
    });
    const link = await openClassOn(teacher, server.url);
    await joinAs(await (await browser.newContext()).newPage(), link, 'Real');
    const light = await (await browser.newContext()).newPage();
    await teacher.evaluate(takeLongTasks);
    const joining = performance.now();
    await light.goto(server.lightUrl(link, pupils - 1));
    await teacher.bringToFront();
    await teacher
      .getByTestId('class-count')
      .filter({ hasText: new RegExp(`^${pupils} here`) })
      .waitFor({ timeout: 0 });
    const joinedSeconds = (performance.now() - joining) / 1000;
    const joiningTasksMs = await teacher.evaluate(takeLongTasks);
    await teacher.getByTestId('start-all').click();
    await teacher.locator('[data-testid=pupil][data-name=Real][data-state=training]').waitFor({ timeout: 0 });
    await browser.startTracing(teacher, {
      categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'],
    });
    await teacher.evaluate(mark => console.timeStamp(mark), traceMark);
    // To begin and to end the trace takes tasks of its own.
    await teacher.evaluate(takeLongTasks);
    const before = await countMessages(teacher);
    const relayBefore = relayBytes;
    const begun = performance.now();
    await teacher.waitForTimeout(1000 * watchSeconds);
    const seconds = (performance.now() - begun) / 1000;
    const after = await countMessages(teacher);
    const watchingTasksMs = await teacher.evaluate(takeLongTasks);
    const longest = longestTask(String(await browser.stopTracing()));
    /** @param {'messagesReceived' | 'received' | 'sent' | 'wire'} kind */
    const perSecond = kind => (after[kind] - before[kind]) / seconds;
    const result = {
      pupils,
      seconds,
      load: loadavg()[0],
      joinedSeconds,
      joiningTasksMs,
      watchingTasksMs,
      longest,
      messagesPerSecond: perSecond('messagesReceived'),
      receivedBytesPerSecond: perSecond('received'),
      sentBytesPerSecond: perSecond('sent'),
      transportBytesPerSecond: perSecond('wire'),
      relayBytesPerSecond: (relayBytes - relayBefore) / seconds,
      connections: after.connections,
    };
    print(result);
    return result;
  } finally {
    await server.close();
  }
}

/** Runs in the page, before any of its scripts: remembers what of the main thread takes long. */
function watchTasks() {
  /** @type {number[]} */
  const durations = [];
  new PerformanceObserver(list => durations.push(...list.getEntries().map(e => e.duration))).observe({
    type: 'longtask',
    buffered: true,
  });
  Reflect.set(window, 'takeLongTasks', () => durations.splice(0));
}

/** Runs in the page. @returns {number[]} milliseconds of the tasks of 50 ms or more since it was last asked */
function takeLongTasks() {
  return Reflect.get(window, 'takeLongTasks')();
}

/**
 * Of the main thread of the page that the mark is of. A machine that does other things besides makes tasks longer by the
 * clock, not by what they took of the processor.
 *
 * @param {string} text of a trace
 */
function longestTask(text) {
  /** @typedef {{ name: string, pid: number, tid: number, ts: number, dur?: number, tdur?: number, args?: { data?: { message?: string, functionName?: string, type?: string } } }} TraceEvent */
  const { traceEvents } = /** @type {{ traceEvents: TraceEvent[] }} */ (JSON.parse(text));
  const mark = traceEvents.find(({ args }) => args?.data?.message === traceMark);
  if (!mark) throw new Error('The trace does not have the mark of the page of the teacher.');
  const tasks = traceEvents.filter(
    ({ name, pid, tid, ts, dur }) =>
      name === 'RunTask' &&
      pid === mark.pid &&
      tid === mark.tid &&
      dur !== undefined &&
      ts > mark.ts &&
      ts < mark.ts + 1e6 * watchSeconds,
  );
  const longest = (/** @type {(event: TraceEvent) => number | undefined} */ of) =>
    Math.max(...tasks.map(task => of(task) ?? 0)) / 1000;
  /** What a task is made of: its events that took most by the clock, each with what of it was not the processor's. */
  const partsOf = (/** @type {TraceEvent} */ task) =>
    traceEvents
      .filter(
        ({ name, pid, tid, ts, dur }) =>
          name !== 'RunTask' &&
          pid === task.pid &&
          tid === task.tid &&
          dur !== undefined &&
          ts >= task.ts &&
          ts + dur <= task.ts + (task.dur ?? 0),
      )
      .sort((a, b) => (b.dur ?? 0) - (a.dur ?? 0))
      .slice(0, mostParts)
      .map(({ name, dur = 0, tdur = 0, args }) => {
        const { functionName = '', type = '' } = args?.data ?? {};
        const what = [name, type, functionName].filter(Boolean).join(' ');
        return `${what}: ${(dur / 1000).toFixed(1)} ms, ${(tdur / 1000).toFixed(1)} of the processor`;
      });
  const slowest = [...tasks].sort((a, b) => (b.dur ?? 0) - (a.dur ?? 0)).slice(0, mostTasks);
  const processorMs = tasks.reduce((sum, { tdur = 0 }) => sum + tdur, 0) / 1000;
  return {
    tasks: tasks.length,
    clockMs: longest(({ dur }) => dur),
    processorMs: longest(({ tdur }) => tdur),
    slowest: slowest.map(task => ({
      second: (task.ts - mark.ts) / 1e6,
      clockMs: (task.dur ?? 0) / 1000,
      processorMs: (task.tdur ?? 0) / 1000,
      parts: partsOf(task),
    })),
    share: processorMs / (1000 * watchSeconds),
  };
}

/** @param {Awaited<ReturnType<typeof measureClass>>} result */
function print(result) {
  const {
    pupils,
    seconds,
    joinedSeconds,
    joiningTasksMs,
    watchingTasksMs,
    longest: task,
    connections,
  } = result;
  const kilobytes = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(2)} kB/s`;
  const longest = (/** @type {number[]} */ tasks) =>
    tasks.length === 0
      ? 'none of 50 ms'
      : `${Math.max(...tasks).toFixed(0)} ms (${tasks.length} of 50 ms or more)`;
  console.log(`${pupils} pupils, one of whom trains, for ${seconds.toFixed(0)} s; the teacher's page holds ${connections} connections.
  all are let in after    ${joinedSeconds.toFixed(1)} s
  longest task, joining   ${longest(joiningTasksMs)}
  longest task, then      ${longest(watchingTasksMs)} by the clock
  of the processor        ${task.processorMs.toFixed(1)} ms at most; ${(100 * task.share).toFixed(1)} % of a core in all, at a load of ${result.load.toFixed(1)}
  messages received       ${result.messagesPerSecond.toFixed(1)} a second
  bytes received, sent    ${kilobytes(result.receivedBytesPerSecond)}, ${kilobytes(result.sentBytesPerSecond)} on the channels
  with all around them    ${kilobytes(result.transportBytesPerSecond)} both ways
  over the relay          ${kilobytes(result.relayBytesPerSecond)} both ways`);
  for (const { second, clockMs, processorMs, parts } of task.slowest) {
    console.log(
      `  after ${second.toFixed(0)} s a task of ${clockMs.toFixed(0)} ms, ${processorMs.toFixed(1)} of the processor`,
    );
    for (const part of parts) console.log(`    ${part}`);
  }
}
