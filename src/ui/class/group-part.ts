/** The part of a pupil's page in its group: none, the first rank, or a rank of another pupil's run. */
import { longestFault, type PupilMessage } from '../../crew/class/messages.ts';
import type { PupilOrder } from '../../crew/class/pupil.ts';
import { type Invite, parseInvite } from '../../crew/invite.ts';
import type { HeldPart } from './hold.ts';
import type { Led } from './lead.ts';
import type { PupilRun } from './pupil-run.ts';
import { pupilWords } from './words.ts';

export interface GroupPart {
  /** The page takes part in the run of another: its own is left alone. */
  holds(): boolean;
  /** Where that run stands, once the page has its rank. */
  held(): { readonly step: number; readonly steps: number } | undefined;
  /** Settles when the run of a group that this page leads is set up. */
  ready(): Promise<void>;
  obey(order: Extract<PupilOrder, { readonly type: 'lead' | 'join' | 'part' }>): Promise<void>;
}

export interface GroupPartOptions {
  /** Of the pupil. */
  readonly name: () => string;
  readonly tell: (message: Extract<PupilMessage, { readonly type: 'room' | 'apart' }>) => void;
  readonly changed: () => void;
  /** What the page's line says of the group; empty for nothing. */
  readonly show: (words: string) => void;
}

/** @param invite into the class: the room of the group is of its kind */
export function createGroupPart(
  { acts, share }: PupilRun,
  invite: Invite,
  { name, tell, changed, show }: GroupPartOptions,
): GroupPart {
  let group: number | undefined;
  let led: Led | undefined;
  let held: HeldPart | undefined;
  let isHolding = false;
  /** One order after the other. */
  let turn: Promise<void> = Promise.resolve();

  const end = async () => {
    const [before, part] = [led, held];
    group = led = held = undefined;
    isHolding = false;
    show('');
    await part?.leave();
    await before?.end();
  };
  const lead = async (order: Extract<PupilOrder, { readonly type: 'lead' }>) => {
    if (led && group === order.group) {
      led.admit(order.members);
      return;
    }
    await end();
    group = order.group;
    show(pupilWords.leads(order.mesh));
    const { kind, relayUrls } = invite;
    const [{ leadGroup }, { crew, mesh }] = await Promise.all([import('./lead.ts'), share()]);
    led = await leadGroup(order, {
      ...{ crew, openRoom: mesh.openRoom, choice: { kind, relayUrls, name: name() }, setUp: acts.race },
      opened: invitation => tell({ type: 'room', group: order.group, invitation }),
    });
  };
  const join = async (order: Extract<PupilOrder, { readonly type: 'join' }>) => {
    await end();
    const named = parseInvite({ hash: order.invitation });
    if (!named) throw new Error('the link into the room of the group is damaged');
    // Nobody leads a page to another server than the one that it came to the class by.
    const { kind, relayUrls } = invite;
    const into = { ...named, kind, relayUrls };
    group = order.group;
    isHolding = true;
    acts.pause();
    show(pupilWords.holds);
    const { holdPart } = await import('./hold.ts');
    held = await holdPart(into, {
      name: name(),
      changed,
      ended(why) {
        if (group !== order.group) return;
        group = held = undefined;
        isHolding = false;
        show('');
        tell({ type: 'apart', group: order.group, fault: why || pupilWords.leftGroup });
        changed();
      },
    });
  };
  const carryOut = async (order: Parameters<GroupPart['obey']>[0]) => {
    try {
      if (order.type === 'lead') await lead(order);
      else if (order.type === 'join') await join(order);
      else await end();
    } catch (cause) {
      const of = group;
      await end();
      const fault = cause instanceof Error ? cause.message : String(cause);
      if (of !== undefined) tell({ type: 'apart', group: of, fault: fault.slice(0, longestFault) });
    }
  };

  return {
    holds: () => isHolding,
    held: () => held?.at(),
    ready: () => turn.then(() => led?.ready),
    obey(order) {
      turn = turn.then(() => carryOut(order));
      return turn;
    },
  };
}
