/** What a page says at every turn of its being a guest: of a run that it was invited to, or of its group in a class. */
import type { GuestEvent, MemberAbout } from '../../crew/api.ts';
import type { RankPlace } from '../../mesh/mesh.ts';
import { sentence } from '../../show/format.ts';
import { roomTopic, showAlert } from '../alerts.ts';
import type { GuestPage, GuestState } from './guest-page.ts';
import {
  admittedWords,
  askingWords,
  hostGoneWords,
  interruptedWords,
  type Seat,
  type Standing,
  seatedWords,
  words,
} from './words.ts';

export interface GuestFollower {
  readonly say: (standing: Standing, text: string, more?: Partial<Pick<GuestState, 'seat' | 'kept'>>) => void;
  /** This page takes no part any more. */
  readonly end: (standing: Standing, text: string) => void;
  readonly hear: GuestPage['hear'];
  readonly watches: () => boolean;
  /** Of this page, once it has asked. */
  readonly about: () => MemberAbout | undefined;
  /** It holds this rank, or none, from now on. */
  readonly sat: (place: RankPlace | undefined) => void;
}

export function followGuest({
  say,
  end,
  hear,
  watches,
  about,
  sat,
}: GuestFollower): (event: GuestEvent) => void {
  return event => {
    switch (event.type) {
      case 'asking':
        say('asking', askingWords(event.unanswered, about()));
        break;
      case 'admitted':
        say('admitted', admittedWords(event.host, watches()));
        break;
      case 'refused':
        end('refused', sentence(`Refused: ${event.reason}`));
        break;
      case 'seated': {
        const { mesh, places, host } = event;
        const seat: Seat = { mesh, place: places[0], host };
        sat(seat.place);
        say('seated', seatedWords(seat, watches()), { seat });
        break;
      }
      case 'run':
      case 'tale':
      case 'answer':
        hear(event);
        break;
      case 'interrupted':
        say('interrupted', interruptedWords(event.reason));
        break;
      case 'host-gone':
        say('host-gone', hostGoneWords(event.reason), { kept: event.kept });
        break;
      case 'notice':
        showAlert({ topic: roomTopic, kind: 'notice', title: words.aboutRoom, message: event.message });
        break;
      case 'closed':
        end('closed', `You have left: ${event.reason}.`);
        break;
    }
  };
}
