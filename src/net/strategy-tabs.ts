import { createTopicStrategy, type StrategyMessage } from '@trystero-p2p/core';
import { announceEveryMs, type Strategy } from './strategy.ts';

interface Envelope {
  readonly topic: string;
  readonly message: StrategyMessage;
}

/** Signalling between the tabs of one browser that have pages of one origin open. */
export function tabsStrategy(room: string): Strategy {
  const channel = new BroadcastChannel(`isobar-room-${room}`);
  let closed = false;
  const join = createTopicStrategy<BroadcastChannel>({
    steadyAnnounceIntervalMs: announceEveryMs,
    init: () => channel,
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
  });
  const close = () => {
    closed = true;
    channel.close();
  };
  return { join, close };
}
