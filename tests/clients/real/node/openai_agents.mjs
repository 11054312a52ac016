// @openai/agents: a `RealtimeAgent` with the package's own settings; it truncates by itself.

import { inspect } from 'node:util';

import { RealtimeAgent, RealtimeSession } from '@openai/agents/realtime';

import { BYTES_PER_MS, Told, microphone } from './room.mjs';

const told = new Told();
const agent = new RealtimeAgent({ name: 'Assistant', instructions: 'Be brief.' });
const session = new RealtimeSession(agent, { transport: 'websocket', model: 'gpt-realtime' });

session.on('audio', (event) => {
  told.audioMs += event.data.byteLength / BYTES_PER_MS;
});
session.on('audio_interrupted', () => {
  told.interruptions += 1;
});
session.on('error', ({ error }) => told.error(inspect(error, { breakLength: Infinity })));
session.transport.on('connection_change', (status) => {
  if (status === 'disconnected') told.error('disconnected');
});

await session.connect({ apiKey: 'sk-any', url: `${process.env.STILLTHERE_URL}/realtime?model=gpt-realtime` });
for await (const chunk of microphone()) {
  session.sendAudio(chunk);
}
told.hangsUp();
session.close();
told.report();
