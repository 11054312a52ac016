// A voice app in Node, on `ws`. `node node_app.mjs careful` also has a watchdog, and reopens a dead capture.
import net from 'node:net';
import WebSocket from 'ws';

const CAREFUL = process.argv.includes('careful');
const CHUNK = 960; // bytes: 20 ms of PCM, 16 bits, 24 kHz, mono
let device, server, sounded, received;
let queue = Buffer.alloc(0);

function openDevices() { // microphone and speaker, which here are one TCP connection
  device?.destroy();
  const { hostname, port } = new URL(process.env.STILLTHERE_DEVICE);
  device = net.connect(port, hostname).on('error', console.error);
  sounded = Date.now();
  let rest = Buffer.alloc(0);
  device.on('data', (data) => {
    for (rest = Buffer.concat([rest, data]); rest.length >= CHUNK; rest = rest.subarray(CHUNK)) capture(rest.subarray(0, CHUNK));
  });
}

function capture(pcm) { // as a sound card: for each 20 ms captured, 20 ms are played
  device.write(queue.subarray(0, CHUNK));
  queue = queue.subarray(CHUNK);
  if (server.readyState === WebSocket.OPEN) server.send(JSON.stringify({ type: 'input_audio_buffer.append', audio: pcm.toString('base64') }));
  for (let at = 0; at < CHUNK; at += 2) if (pcm.readInt16LE(at) > 110) sounded = Date.now(); // a quiet room is louder
  if (CAREFUL && Date.now() - sounded > 6000) openDevices();
}

function dial() {
  const mine = (server = new WebSocket(process.env.STILLTHERE_URL, { headers: { Authorization: 'Bearer any' } }));
  received = Date.now();
  mine.on('message', (data) => {
    received = Date.now();
    const event = JSON.parse(data);
    if (event.type === 'response.output_audio.delta') queue = Buffer.concat([queue, Buffer.from(event.delta, 'base64')]);
    if (event.type === 'input_audio_buffer.speech_started') queue = Buffer.alloc(0);
  });
  mine.on('error', console.error);
  mine.on('close', () => mine === server && setTimeout(dial, 1000));
}

dial();
openDevices();
setInterval(() => { // the watchdog
  if (!CAREFUL || Date.now() - received < 20000) return;
  const old = server;
  dial();
  old.terminate();
}, 1000);
