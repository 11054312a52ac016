// openai for Node: `node openai_realtime.mjs ws|websocket [reconnect]`, the class over the package `ws` or the one over
// the WebSocket that Node has itself.

import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';

import { Devices, dials, told } from './devices.mjs';

const RealtimeClass = process.argv.includes('ws') ? OpenAIRealtimeWS : OpenAIRealtimeWebSocket;
const options = process.argv.includes('reconnect') ? { reconnect: true } : {};

dials();
const connection = new RealtimeClass({ model: 'gpt-realtime', ...options });
let open = false;
connection.socket.addEventListener('open', () => {
  open = true;
  connection.send({ type: 'session.update', session: { type: 'realtime', instructions: 'Be brief.' } });
});

const devices = new Devices((pcm) => {
  if (open) connection.send({ type: 'input_audio_buffer.append', audio: pcm.toString('base64') });
});

connection.on('response.output_audio.delta', (event) => {
  devices.play(Buffer.from(event.delta, 'base64'), event.item_id);
});
connection.on('input_audio_buffer.speech_started', () => {
  const playing = devices.stop();
  if (playing === undefined) return;
  connection.send({
    type: 'conversation.item.truncate',
    item_id: playing.itemId,
    content_index: 0,
    audio_end_ms: Math.floor(playing.playedMs),
  });
});
connection.on('error', (error) => told(`event error: ${error.message}`));
connection.on('reconnecting', (event) => told(`event reconnecting: attempt ${event.attempt}`));
connection.on('reconnected', () => told('event reconnected'));
connection.on('close', (code, reason) => told(`event close: ${code} ${reason}`));
connection.socket.addEventListener('close', (event) => told(`close of the socket itself: ${event.code} ${event.reason}`));
