// A gate as many pages have it: zeros below a threshold, another threshold while the assistant speaks, chunks of int16.
class Gate extends AudioWorkletProcessor {
  constructor({ processorOptions: { threshold = 0.03, bargeIn = 0.1, chunk = 480 } = {} }) {
    super();
    Object.assign(this, { threshold, bargeIn, speaking: false, open: false, chunk: new Float32Array(chunk), filled: 0 });
    this.port.onmessage = ({ data }) => Object.assign(this, data);
  }

  process([[samples]]) {
    for (const sample of samples ?? []) {
      this.chunk[this.filled++] = sample;
      if (this.filled === this.chunk.length) this.send();
    }
    return true;
  }

  send() {
    this.filled = 0;
    let sum = 0;
    for (const sample of this.chunk) sum += sample * sample;
    const rms = Math.sqrt(sum / this.chunk.length);
    const gated = !this.open && rms < (this.speaking ? this.bargeIn : this.threshold);
    const pcm = new Int16Array(this.chunk.length);
    if (!gated) this.chunk.forEach((sample, at) => (pcm[at] = sample * 32768));
    this.port.postMessage({ type: 'audio', pcm: pcm.buffer, rms, frame: currentFrame }, [pcm.buffer]);
  }
}

registerProcessor('gate', Gate);
