/**
 * What a client knows of a call, in which the server keeps the assistant's audio and the browser plays it.
 *
 * No audio reaches the client. The server says when a response begins and stops to go out, and the browser counts what
 * arrives; only both together say that the user heard something.
 */

import { pushLatest } from "./units.js";

/** So many responses are remembered: late events are about them. */
const REMEMBERED = 64;

/** Of one call. */
export class FarEnd {
  #playback;
  #last = null;
  #withAudio = [];
  #stopped = [];
  #done = new Map();
  #over = [];
  /** Whether the server cuts its audio off by itself when the user speaks. */
  serverInterrupts = true;

  constructor(playback) {
    this.#playback = playback;
  }

  /** `session.created` or `session.updated` arrived. */
  session(session) {
    const detection = session?.audio?.input?.turn_detection;
    if (detection === undefined) return;
    this.serverInterrupts = isObject(detection) && (detection.interrupt_response ?? true) !== false;
  }

  /** An event about audio of a response arrived. */
  hasAudio(responseId) {
    pushLatest(this.#withAudio, responseId, REMEMBERED);
  }

  /** `output_audio_buffer.started` arrived. */
  started(responseId, now) {
    this.hasAudio(responseId);
    this.#last = responseId;
    this.#playback.plays(responseId, now);
  }

  /** `output_audio_buffer.stopped` or `output_audio_buffer.cleared` arrived. */
  stopped(responseId) {
    pushLatest(this.#stopped, responseId, REMEMBERED);
    this.#playback.ended();
    const done = this.#done.get(responseId);
    if (done === undefined) return;
    this.#done.delete(responseId);
    this.#over.push(done);
  }

  /** `response.done` arrived; whether its audio has still to be heard before it counts. */
  awaits(response) {
    if (!this.#withAudio.includes(response.id)) return false;
    if (this.#stopped.includes(response.id)) this.#over.push(response);
    else this.#done.set(response.id, response);
    return true;
  }

  /** The browser reports; gives the response that was `heard` since the last report, and those that are `over`. */
  report(audibleMs, now) {
    this.#playback.reported(audibleMs, now);
    const over = this.#over;
    this.#over = [];
    return { heard: audibleMs ? this.#last : null, over };
  }
}

function isObject(value) {
  return typeof value === "object" && value !== null;
}
