// The conversation that both realtime classes of openai for Node have: their events, and what they leave to their user.

import OpenAI from 'openai';

import { BYTES_PER_MS, Speaker, Told, microphone } from './room.mjs';

/** Resolves to the first of these events that comes. Both kinds of WebSocket know `addEventListener`. */
function first(socket, ...names) {
  return new Promise((resolve) => names.forEach((name) => socket.addEventListener(name, resolve, { once: true })));
}

/** Tells what the connection says: audio goes to the speaker, and a user who speaks stops it. */
function listen(connection, told) {
  const speaker = new Speaker();
  connection.on('error', (error) => told.error(error.message));
  connection.on('response.output_audio.delta', (event) => {
    const lengthMs = Buffer.byteLength(event.delta, 'base64') / BYTES_PER_MS;
    told.audioMs += lengthMs;
    speaker.play(event.item_id, lengthMs);
  });
  connection.on('input_audio_buffer.speech_started', () => {
    const playing = speaker.stop();
    if (playing === undefined) return;
    told.interruptions += 1;
    connection.send({
      type: 'conversation.item.truncate',
      item_id: playing.itemId,
      content_index: 0,
      audio_end_ms: playing.heardMs,
    });
  });
}

/** Has the conversation through one of the two classes and reports it. */
export async function converse(RealtimeClass) {
  const told = new Told();
  const client = new OpenAI({ apiKey: 'sk-any', baseURL: process.env.STILLTHERE_URL.replace(/^ws/, 'http') });
  const connection = new RealtimeClass({ model: 'gpt-realtime' }, client);
  const { socket } = connection;
  listen(connection, told);
  socket.addEventListener('error', (event) => told.error(`socket: ${event.message || 'error'}`));
  socket.addEventListener('close', (event) => told.error(`socket: closed with ${event.code} ${event.reason}`));

  if ((await first(socket, 'open', 'close')).type === 'open') {
    connection.send({ type: 'session.update', session: { type: 'realtime', instructions: 'Be brief.' } });
    for await (const chunk of microphone()) {
      connection.send({ type: 'input_audio_buffer.append', audio: Buffer.from(chunk).toString('base64') });
    }
  }
  if (socket.readyState === socket.OPEN) {
    told.hangsUp();
    connection.close();
    await first(socket, 'close');
  }
  told.report();
}
