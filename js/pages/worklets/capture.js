/**
 * Gives what is captured in chunks, and passes on what its gate lets pass, one chunk later.
 *
 * Over a WebSocket the page gates and sends the chunks, and the output is silent. Over WebRTC what is sent is the
 * output of this node, so the gate is here; the page says by message which level passes at the moment. Audio
 * that is to be sent again takes the place of what is captured meanwhile.
 */

class Capture extends AudioWorkletProcessor {
  #chunk;
  #ready;
  #sends;
  #length = 0;
  /** The least mean square that passes, relative to full scale. */
  #limit = 0;
  #holdChunks = 0;
  #held = 0;
  /** Chunks that are to be sent again. */
  #again = [];

  constructor({ processorOptions: { samples, sends } }) {
    super();
    this.#chunk = new Float32Array(samples);
    this.#ready = new Float32Array(samples);
    this.#sends = sends;
    this.port.onmessage = ({ data }) => this.#told(data);
  }

  #told({ limit, holdChunks, again }) {
    if (again === undefined) {
      this.#limit = limit;
      this.#holdChunks = holdChunks;
      return;
    }
    const size = this.#chunk.length;
    for (let at = 0; at < again.length; at += size) this.#again.push(again.subarray(at, at + size));
  }

  process([input], [output]) {
    if (input.length === 0) return true;
    const captured = input[0];
    const passed = this.#sends ? output[0] : undefined;
    for (let at = 0; at < captured.length; at++) {
      if (passed !== undefined) passed[at] = this.#ready[this.#length];
      this.#chunk[this.#length++] = captured[at];
      if (this.#length === this.#chunk.length) this.#deliver();
    }
    return true;
  }

  #deliver() {
    const chunk = this.#chunk;
    this.#length = 0;
    const energy = chunk.reduce((sum, sample) => sum + sample * sample, 0);
    const isLoud = energy >= this.#limit * chunk.length;
    this.#held = isLoud ? this.#holdChunks : this.#held - 1;
    this.#ready.fill(0);
    if (this.#again.length > 0) this.#ready.set(this.#again.shift());
    else if (isLoud || this.#held >= 0) this.#ready.set(chunk);
    this.port.postMessage(chunk.slice());
  }
}

registerProcessor("capture", Capture);
