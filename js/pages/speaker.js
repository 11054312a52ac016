/** The speaker of the WebSocket page: one AudioBufferSourceNode for each piece of audio, one after the other. */

import { SAMPLE_RATE_HZ } from "../kit/units.js";
import { note } from "./journal.js";

/** `ended` is called when all that was queued has been played; not while the context is suspended. */
export class Speaker {
  #context = null;
  #ended;
  #sources = new Set();
  #next = 0;

  constructor(ended) {
    this.#ended = ended;
    this.#opened();
  }

  /** Queue PCM (int16, little-endian, 24 kHz) behind what is queued. */
  play(audio) {
    const samples = new DataView(audio.buffer, audio.byteOffset, audio.byteLength);
    const count = Math.floor(audio.byteLength / 2);
    if (count === 0) return;
    const context = this.#opened();
    const buffer = context.createBuffer(1, count, SAMPLE_RATE_HZ);
    const values = buffer.getChannelData(0);
    for (let at = 0; at < count; at++) values[at] = samples.getInt16(2 * at, true) / 32768;
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(context.destination);
    source.onended = () => {
      this.#sources.delete(source);
      if (this.#sources.size === 0) this.#ended();
    };
    this.#next = Math.max(this.#next, context.currentTime);
    source.start(this.#next);
    this.#next += buffer.duration;
    this.#sources.add(source);
  }

  /** Stop at once, and drop what is queued. */
  stop() {
    for (const source of this.#sources) {
      source.onended = null;
      source.stop();
    }
    this.#sources.clear();
    this.#next = 0;
  }

  /** Resume an output that was suspended. The browser may refuse: then it stays as it is, and the kit asks again. */
  resume() {
    this.#opened().resume().catch((error) => note("resume_refused", { error: String(error) }));
  }

  #opened() {
    if (this.#context === null || this.#context.state === "closed") {
      const context = new AudioContext({ sampleRate: SAMPLE_RATE_HZ, latencyHint: "playback" });
      context.addEventListener("statechange", () => note("playback_context", { state: context.state }));
      this.#context = context;
    }
    return this.#context;
  }
}
