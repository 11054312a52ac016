// The microphone and the loudspeaker, of which only the time is real, and the one line that a driver writes.

import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const CHUNK_MS = 20;
export const BYTES_PER_MS = 48;

/** Yields what the microphone hears, 20 ms at a time as an ArrayBuffer (s16le, mono, 24 kHz), at the pace of speech. */
export async function* microphone() {
  const { buffer } = new Uint8Array(await readFile(process.env.STILLTHERE_MICROPHONE));
  const size = CHUNK_MS * BYTES_PER_MS;
  const began = performance.now();
  for (let start = 0; start < buffer.byteLength; start += size) {
    yield buffer.slice(start, start + size);
    await sleep(Math.max(0, began + (start + size) / BYTES_PER_MS - performance.now()));
  }
}

/** Plays what it is given, as it comes and one after the other. */
export class Speaker {
  #itemId;
  #itemMs = 0;
  #ends = 0;

  /** `lengthMs` more of an item's audio. */
  play(itemId, lengthMs) {
    if (itemId !== this.#itemId) {
      this.#itemId = itemId;
      this.#itemMs = 0;
    }
    this.#itemMs += lengthMs;
    this.#ends = Math.max(this.#ends, performance.now()) + lengthMs;
  }

  /** Falls silent. Returns the item that was playing and how much of it was heard; nothing if all was. */
  stop() {
    const unheardMs = this.#ends - performance.now();
    if (unheardMs <= 0) return undefined;
    this.#ends = 0;
    return { itemId: this.#itemId, heardMs: Math.max(0, Math.floor(this.#itemMs - unheardMs)) };
  }
}

/** What the client told its application, until the application hung up. */
export class Told {
  audioMs = 0;
  interruptions = 0;
  #errors = [];
  #over = false;

  /** The package spoke of an error, or its connection is gone. */
  error(text) {
    if (!this.#over) this.#errors.push(text);
  }

  /**
   * From here on the application closes, and a lost connection is no error. Node's own WebSocket tells of one when the
   * server's Close frame stands behind messages that are still being inflated while the connection ends.
   */
  hangsUp() {
    this.#over = true;
  }

  /** Writes it as one line of JSON. */
  report() {
    const line = { audio_ms: Math.round(this.audioMs), interruptions: this.interruptions, errors: this.#errors };
    console.log(JSON.stringify(line));
  }
}
