/**
 * A pupil's side of a class: it asks to be let in, tells once a second where its run stands, and passes on what the teacher
 * says. When the teacher is gone it waits for it; the run is the pupil's own and goes on.
 */
import { type Json, joinRoom } from '../../net/room.ts';
import { type Invite, relayBeside } from '../invite.ts';
import { createLinkTests } from './link-test.ts';
import {
  type Prediction,
  type PupilAbout,
  type PupilMessage,
  packReport,
  questionName,
  type Report,
  readTeacherMessage,
  type TeacherMessage,
} from './messages.ts';
import { createReporter } from './reporter.ts';

export type PupilEvent =
  /** `unanswered`: no teacher has answered yet. */
  | { readonly type: 'asking'; readonly unanswered: boolean }
  | { readonly type: 'admitted' }
  /** The class is full, or the teacher took the page out of it: the room is left. */
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'teacher-gone'; readonly reason: string }
  | { readonly type: 'order'; readonly order: PupilOrder }
  /** Something a person may want to know; nothing changes by it. */
  | { readonly type: 'notice'; readonly message: string };

/** Links are tested without the page. */
export type PupilOrder = Exclude<TeacherMessage, { readonly type: 'test' | 'signal' }>;

export interface ClassPupil {
  /** The report is another now: it is sent, at most once a second. */
  changed(): void;
  /** Told now, and again whenever the page is let in anew: where the link was down, or the class has another page. */
  predicted(prediction: Omit<Prediction, 'type'>): void;
  /** Of the group of this page. */
  tell(message: Extract<PupilMessage, { readonly type: 'room' | 'apart' }>): void;
  leave(): Promise<void>;
}

export interface PupilOptions {
  /** 1 to 80 characters, for the teacher. */
  readonly name: string;
  readonly about: PupilAbout;
  /** Address of the page: the relay beside it serves where the invitation names none. */
  readonly base: string | URL;
  /** Asked when it is sent. */
  readonly report: () => Report;
  readonly onEvent: (event: PupilEvent) => void;
}

export const reportEveryMs = 1000;

/** @throws Error where the room cannot be joined */
export async function joinClass(
  invite: Invite,
  { name, about, base, report, onEvent }: PupilOptions,
): Promise<ClassPupil> {
  const reporter = createReporter(() => {
    send(packReport(report()));
  }, reportEveryMs);
  /** The last to each question. */
  const predictions = new Map<string, Omit<Prediction, 'type'>>();
  const tellPrediction = (prediction: Omit<Prediction, 'type'>) =>
    send({ type: 'prediction', ...prediction });
  const send = (message: Json) => {
    const { hostId } = room;
    if (hostId !== undefined && room.isAdmitted(room.selfId)) room.send(hostId, message);
  };
  const tests = createLinkTests({
    // Undefined fields of a signal do not travel, so it is JSON.
    signal: (pair, body) => send({ type: 'signal', pair, body: body as Json }),
    found: (pair, link) => send({ type: 'tested', pair, link: { ...link } }),
    // What served to reach the teacher serves here as well.
    iceServers: () => room.connection(room.hostId ?? '')?.getConfiguration().iceServers,
  });
  const room = await joinRoom(
    {
      kind: invite.kind,
      room: invite.room,
      secret: invite.secret,
      role: 'guest',
      name,
      star: true,
      about: { ...about },
      relayUrls: invite.relayUrls ?? (invite.kind === 'relay' ? [relayBeside(base)] : undefined),
    },
    {
      onHostAnswers: answers => onEvent({ type: 'asking', unanswered: !answers }),
      onAdmitted() {
        onEvent({ type: 'admitted' });
        reporter.changed();
        for (const prediction of predictions.values()) tellPrediction(prediction);
      },
      onLeave(id, reason) {
        if (room.hostId === undefined || room.hostId === id) onEvent({ type: 'teacher-gone', reason });
      },
      onMessage(id, value) {
        const order = readTeacherMessage(value);
        if (!order || id !== room.hostId) return;
        if (order.type === 'test') tests.begin(order.pair, order.isFirst);
        else if (order.type === 'signal') tests.accept(order.pair, order.body);
        else onEvent({ type: 'order', order });
      },
      onRefused(reason) {
        reporter.end();
        tests.end();
        onEvent({ type: 'refused', reason });
      },
      onRelays: (_, message) => onEvent({ type: 'notice', message }),
      onNotice: message => onEvent({ type: 'notice', message }),
    },
  );
  onEvent({ type: 'asking', unanswered: false });
  return {
    changed: reporter.changed,
    predicted(prediction) {
      predictions.set(questionName(prediction), prediction);
      tellPrediction(prediction);
    },
    tell: message => send({ ...message }),
    leave() {
      reporter.end();
      tests.end();
      return room.leave();
    },
  };
}
