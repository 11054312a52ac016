/** The microphone: getUserMedia, an AudioContext at 24 kHz, and a worklet that gives chunks. */

import { chunkOfFloats } from "../kit/chunk.js";
import { SAMPLE_RATE_HZ } from "../kit/units.js";
import { note } from "./journal.js";

const WORKLET = new URL("worklets/capture.js", import.meta.url);

/** Opens the microphone, and opens it again: everything of it is made anew. */
export class Microphone {
  #heard;
  #options;
  #sends;
  #attempts = 0;
  #stream = null;
  #node = null;
  /** Chromium collects a source node that nobody holds while its context is suspended: then no chunk comes for ever. */
  #source = null;
  #context = null;

  /** `heard` is called with each `Chunk`. `sends`: whether the worklet gates, and its output is what is sent. */
  constructor(heard, { settings, processing, keepsSource }, sends = false) {
    this.#heard = heard;
    this.#sends = sends;
    this.#options = { samples: (settings.chunk_ms * SAMPLE_RATE_HZ) / 1000, processing, keepsSource };
  }

  /** Release the microphone and open it. Returns a track of what it sends; null: none, or it was overtaken. */
  async open() {
    const attempt = ++this.#attempts;
    this.close();
    const { processing, keepsSource, samples } = this.#options;
    const audio = { echoCancellation: processing, noiseSuppression: processing, autoGainControl: processing };
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    const context = new AudioContext({ sampleRate: SAMPLE_RATE_HZ });
    await context.audioWorklet.addModule(WORKLET).catch((error) => {
      release(stream, context);
      throw error;
    });
    if (attempt !== this.#attempts) {
      release(stream, context);
      return null;
    }
    const source = context.createMediaStreamSource(stream);
    const node = new AudioWorkletNode(context, "capture", {
      channelCount: 1,
      channelCountMode: "explicit",
      outputChannelCount: [1],
      processorOptions: { samples, sends: this.#sends },
    });
    node.port.onmessage = ({ data }) => this.#heard(chunkOfFloats(data));
    source.connect(node);
    if (keepsSource) this.#source = source;
    this.#stream = stream;
    this.#node = node;
    this.#context = context;
    watch(stream, context);
    if (!this.#sends) {
      node.connect(context.destination); // what is not connected need not run; it is silent
      return null;
    }
    const destination = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    node.connect(destination);
    return destination.stream.getAudioTracks()[0];
  }

  /** Release it. */
  close() {
    if (this.#stream === null) return;
    this.#node.port.onmessage = null;
    release(this.#stream, this.#context);
    this.#stream = this.#node = this.#source = this.#context = null;
  }

  /** Tell the worklet something. */
  post(message) {
    this.#node?.port.postMessage(message);
  }
}

function release(stream, context) {
  for (const track of stream.getTracks()) track.stop();
  context.close();
}

function watch(stream, context) {
  const [track] = stream.getAudioTracks();
  for (const kind of ["mute", "unmute", "ended"]) track.addEventListener(kind, () => note(`track_${kind}`, {}));
  context.addEventListener("statechange", () => note("capture_context", { state: context.state }));
}
