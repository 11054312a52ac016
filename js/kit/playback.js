/**
 * What the client believes about its own playback: how much was queued and heard, and whether the assistant speaks.
 *
 * It relies on the report that playback ended. If that report never arrives (a suspended output), the client believes
 * forever that the assistant speaks.
 */

import { durationUs, MS, SECOND } from "./units.js";

/** Audio whose peak is below this, -72 dBFS, cannot be heard. */
const AUDIBLE_LSB = 8;
/** A pause in an answer is shorter than this. */
const LONGEST_PAUSE_US = 2_000 * MS;
/** The length of audio that a browser plays: only its end is told. */
const UNKNOWN_US = 3_600 * SECOND;

/** Whether anything can be heard in PCM (int16, little-endian). */
export function isAudible(audio) {
  const view = new DataView(audio.buffer, audio.byteOffset, audio.byteLength);
  for (let at = 0; at + 1 < audio.byteLength; at += 2) {
    if (Math.abs(view.getInt16(at, true)) >= AUDIBLE_LSB) return true;
  }
  return false;
}

/** Follows one speaker by the clock and the length of the audio that is queued (PCM, 24 kHz). */
export class PlaybackMeter {
  #refused = null;
  #itemAudibleUs = 0;
  #itemQueuedUs = 0;
  #end = 0;
  #audibleEnd = 0;
  /** Whether the server keeps the audio, and the browser plays it: a call. */
  #isFar = false;
  /** Audio is queued and its end was not reported. */
  speaking = false;
  /** The item whose audio was queued last. */
  itemId = null;
  /** When the item began to play, in microseconds. */
  began = 0;

  /** Count audio that arrived; returns whether to play it: not if its item was interrupted. */
  accept(itemId, audio, now, audible = true) {
    if (itemId === this.#refused) return false;
    const start = this.speaking ? Math.max(now, this.#end) : now;
    const lengthUs = durationUs(audio.byteLength);
    if (itemId !== this.itemId) {
      this.itemId = itemId;
      this.began = start;
      this.#itemQueuedUs = this.#itemAudibleUs = 0;
    }
    this.#itemQueuedUs += lengthUs;
    this.#end = start + lengthUs;
    if (audible) {
      this.#audibleEnd = this.#end;
      this.#itemAudibleUs += lengthUs;
    }
    this.speaking = true;
    return true;
  }

  /** On a call, audio begins to go out; what of it can be heard is told by `reported`. */
  plays(itemId, now) {
    this.itemId = itemId;
    this.began = now;
    this.#itemQueuedUs = UNKNOWN_US;
    this.#itemAudibleUs = 0;
    this.#end = now + UNKNOWN_US;
    this.#audibleEnd = now;
    this.speaking = this.#isFar = true;
  }

  /** On a call, so much that can be heard was played since the last report. */
  reported(audibleMs, now) {
    if (!this.#isFar || !audibleMs) return;
    this.#itemAudibleUs += audibleMs * MS;
    this.#audibleEnd = now;
  }

  /** The commands that stop what plays, and let the server forget what was not heard; none if nothing plays. */
  cut(now) {
    const interrupted = this.interrupt(now);
    if (interrupted === null) return [];
    if (this.#isFar) return [{ type: "output_audio_buffer.clear" }];
    const { itemId, heardMs } = interrupted;
    const truncate = { type: "conversation.item.truncate", item_id: itemId, content_index: 0, audio_end_ms: heardMs };
    return [{ command: "stop_playback" }, truncate];
  }

  /** Whether the assistant is believed to speak: audio plays, and it has not been silent for 2 s. */
  speaks(now) {
    const silent = this.#audibleEnd < this.#end && now - this.#audibleEnd >= LONGEST_PAUSE_US;
    return this.speaking && !silent;
  }

  /** How much of the item was heard, by the clock; 0 if nothing plays. */
  heardUs(now) {
    return this.speaking ? Math.min(this.#itemQueuedUs, Math.max(0, now - this.began)) : 0;
  }

  /** How much of the item could be heard so far: none of it if it is silent. */
  answeredUs(now) {
    return Math.min(this.#itemAudibleUs, Math.max(0, now - this.began));
  }

  /** The end of playback was reported. */
  ended() {
    this.speaking = false;
  }

  /** Stop. Returns the item and how many ms of it were heard, by the clock, or null if nothing was playing. */
  interrupt(now) {
    if (!this.speaking || this.itemId === null) return null;
    const heardUs = this.heardUs(now);
    this.speaking = false;
    this.#refused = this.itemId;
    return { itemId: this.itemId, heardMs: Math.floor(heardUs / MS) };
  }

  /** How long ago the end should have been reported; 0 or negative: it is not due. */
  overdueUs(now) {
    return this.speaking ? now - this.#end : 0;
  }
}
