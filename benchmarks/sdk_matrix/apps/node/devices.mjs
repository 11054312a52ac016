// Microphone and speaker, which here are one TCP connection (s16le, mono, 24 kHz), and what the app says.

import net from 'node:net';

const CHUNK = 960; // bytes: 20 ms

/** Calls `onChunk` with each 20 ms that are captured. As on a sound card, 20 ms are played for each 20 ms captured. */
export class Devices {
  /** Is called when all that was flushed has been played. */
  onDrained = () => {};
  /** Whether the end of what is queued is known. */
  flushed = false;

  #queue = Buffer.alloc(0);
  #itemId;
  #playedMs = 0;

  constructor(onChunk) {
    const { hostname, port } = new URL(process.env.STILLTHERE_DEVICE);
    const device = net.connect(port, hostname);
    let rest = Buffer.alloc(0);
    device.on('data', (data) => {
      for (rest = Buffer.concat([rest, data]); rest.length >= CHUNK; rest = rest.subarray(CHUNK)) {
        this.#tick(device);
        onChunk(rest.subarray(0, CHUNK));
      }
    });
  }

  /** Queues PCM of an item. */
  play(pcm, itemId) {
    if (itemId !== this.#itemId) this.ends();
    this.#itemId = itemId;
    this.#queue = Buffer.concat([this.#queue, Buffer.from(pcm)]);
  }

  /** The item is over. */
  ends() {
    this.#itemId = undefined;
    this.#playedMs = 0;
    this.flushed = false;
  }

  /** Drops what is queued. Returns the item that was playing and how much of it was played; nothing if none was. */
  stop() {
    if (this.#queue.length === 0) return undefined;
    this.#queue = Buffer.alloc(0);
    return { itemId: this.#itemId, playedMs: this.#playedMs };
  }

  #tick(device) {
    const now = this.#queue.subarray(0, CHUNK);
    this.#queue = this.#queue.subarray(CHUNK);
    this.#playedMs += now.length / 48;
    if (now.length > 0) device.write(now);
    else if (this.flushed) this.onDrained();
  }
}

let began = performance.now();

/** The app dials: its time begins. */
export function dials() {
  began = performance.now();
}

/** The app was told something: one line, with the milliseconds since it dialled. */
export function told(text) {
  console.log(`${Math.round(performance.now() - began)} ms: ${String(text).split('\n')[0]}`);
}
