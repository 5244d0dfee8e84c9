/**
 * Typed calls over links, which carry names and bytes. What comes from a rank in another browser is checked first, and
 * whoever sends what it should not is at fault, as with a frame that is none; a worker of the own page runs the same code,
 * and needs no check.
 */
import * as v from 'valibot';
import { FrameError } from '../net/frame-error.ts';
import { answerSchemas, argumentSchemas } from './call-schemas.ts';
import type { AskedName, CallAnswer, CallArguments, CallName, RankCalls, ServedCalls } from './rank-calls.ts';
import type { RankLinks } from './rank-links.ts';

/**
 * The calls of a rank. They reject with a PeerError where it is gone, could not do its part, or answers what is none.
 */
export function callsTo(links: RankLinks, rank: number): RankCalls {
  const ask =
    <Name extends AskedName>(name: Name) =>
    async (...[argument]: CallArguments<Name>): Promise<CallAnswer<Name>> => {
      const answer = await links.call(rank, name, argument);
      try {
        return checked(links, rank, answerSchemas[name], answer, `an answer to ${name}`);
      } catch (error) {
        throw links.blame(rank, error as FrameError);
      }
    };
  const tell =
    <Name extends CallName>(name: Name) =>
    (...[argument]: CallArguments<Name>): void =>
      links.notify(rank, name, argument);
  return {
    measure: ask('measure'),
    tune: ask('tune'),
    prepare: ask('prepare'),
    reset: ask('reset'),
    predict: ask('predict'),
    readState: ask('readState'),
    writeState: ask('writeState'),
    look: ask('look'),
    rehearse: ask('rehearse'),
    copies: ask('copies'),
    readCopy: ask('readCopy'),
    train: tell('train'),
    times: tell('times'),
    warning: tell('warning'),
    traces: tell('traces'),
    keepCopy: tell('keepCopy'),
  };
}

/** Answers these calls from now on, and no others. */
export function serveCalls(links: RankLinks, calls: ServedCalls): void {
  links.answer((name, argument, from) => {
    if (!isServed(calls, name))
      throw new FrameError(`a call of ${name}, which rank ${links.rank} does not answer`);
    return answered(calls, name, argument, from);
  });

  function answered<Name extends CallName>(
    served: ServedCalls,
    name: Name,
    argument: unknown,
    from: number,
  ): unknown {
    const call = served[name];
    return call?.(checked(links, from, argumentSchemas[name], argument, `a call of ${name}`), from);
  }
}

const isServed = (calls: ServedCalls, name: string): name is CallName => Object.hasOwn(calls, name);

/** @throws FrameError where it comes from another browser and is not what it should be */
function checked<T>(
  links: RankLinks,
  peer: number,
  schema: v.GenericSchema<unknown, T>,
  value: unknown,
  what: string,
): T {
  // The same code on both sides.
  if (links.isOwn(peer)) return value as T;
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new FrameError(`${what} that is none (${path === null ? '' : `${path}: `}${issue.message})`);
}
