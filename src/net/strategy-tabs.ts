import { createTopicStrategy, type StrategyMessage } from '@trystero-p2p/core';
import type { Role } from './room-messages.ts';
import { announceEveryMs, inStar, type Strategy } from './strategy.ts';

interface Envelope {
  readonly topic: string;
  readonly message: StrategyMessage;
}

/**
 * Signalling between the tabs of one browser that have pages of one origin open.
 *
 * @param star role of this page in a star
 */
export function tabsStrategy(room: string, star?: Role): Strategy {
  const channel = new BroadcastChannel(`isobar-room-${room}`);
  let closed = false;
  const join = createTopicStrategy<BroadcastChannel>({
    steadyAnnounceIntervalMs: announceEveryMs,
    init: () => channel,
    ...inStar<BroadcastChannel>(star, {
      subscribeTopic: (_, topic, onMessage) => {
        const listen = ({ data }: MessageEvent<Envelope>) => {
          if (data.topic === topic) void onMessage(topic, data.message);
        };
        channel.addEventListener('message', listen);
        return () => channel.removeEventListener('message', listen);
      },
      publishTopic: (_, topic, message) => {
        if (!closed) channel.postMessage({ topic, message } satisfies Envelope);
      },
    }),
  });
  const close = () => {
    closed = true;
    channel.close();
  };
  return { join, close };
}
