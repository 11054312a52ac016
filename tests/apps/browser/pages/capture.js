/** Sends what is captured in chunks of 20 ms, int16 at 24 kHz. */
class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.chunk = new Int16Array(480);
    this.filled = 0;
  }

  process([input]) {
    for (const sample of input[0] ?? []) {
      this.chunk[this.filled++] = Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
      if (this.filled === this.chunk.length) {
        this.port.postMessage(this.chunk.slice());
        this.filled = 0;
      }
    }
    return true;
  }
}
registerProcessor('capture', Capture);
