// @openai/agents: a `RealtimeAgent` in a `RealtimeSession`, with the package's own settings; it truncates by itself.

import { RealtimeAgent, RealtimeSession } from '@openai/agents/realtime';

import { Devices, dials, told } from './devices.mjs';

const agent = new RealtimeAgent({ name: 'Assistant', instructions: 'Be brief.' });
const session = new RealtimeSession(agent, { transport: 'websocket', model: 'gpt-realtime' });

let connected = false;
const devices = new Devices((pcm) => {
  if (connected) session.sendAudio(new Uint8Array(pcm).buffer);
});

session.on('audio', (event) => devices.play(event.data, event.responseId));
session.on('audio_interrupted', () => devices.stop());
session.on('error', ({ error }) => told(`event error: ${error?.error?.message ?? error?.message ?? error}`));
session.transport.on('connection_change', (status) => told(`event connection_change: ${status}`));

dials();
await session.connect({ apiKey: process.env.OPENAI_API_KEY, url: process.env.STILLTHERE_URL });
connected = true;
