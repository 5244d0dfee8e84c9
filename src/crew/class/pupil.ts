/**
 * A pupil's side of a class: it asks to be let in, tells once a second where its run stands, and passes on what the teacher
 * says. When the teacher is gone it waits for it; the run is the pupil's own and goes on.
 */
import { type Json, joinRoom } from '../../net/room.ts';
import { type Invite, relayBeside } from '../invite.ts';
import {
  type Prediction,
  type PupilAbout,
  packReport,
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
  | { readonly type: 'order'; readonly order: TeacherMessage }
  /** Something a person may want to know; nothing changes by it. */
  | { readonly type: 'notice'; readonly message: string };

export interface ClassPupil {
  /** The report is another now: it is sent, at most once a second. */
  changed(): void;
  predicted(prediction: Omit<Prediction, 'type'>): void;
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
  const send = (message: Json) => {
    const { hostId } = room;
    if (hostId !== undefined && room.isAdmitted(room.selfId)) room.send(hostId, message);
  };
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
      },
      onLeave(id, reason) {
        if (room.hostId === undefined || room.hostId === id) onEvent({ type: 'teacher-gone', reason });
      },
      onMessage(id, value) {
        const order = readTeacherMessage(value);
        if (order && id === room.hostId) onEvent({ type: 'order', order });
      },
      onRefused(reason) {
        reporter.end();
        onEvent({ type: 'refused', reason });
      },
      onRelays: (_, message) => onEvent({ type: 'notice', message }),
      onNotice: message => onEvent({ type: 'notice', message }),
    },
  );
  onEvent({ type: 'asking', unanswered: false });
  return {
    changed: reporter.changed,
    predicted: prediction => send({ type: 'prediction', ...prediction }),
    leave() {
      reporter.end();
      return room.leave();
    },
  };
}
