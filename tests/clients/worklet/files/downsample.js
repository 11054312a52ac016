// From a context at 48 kHz to int16 at 24 kHz: each two samples become their mean.
class Downsample extends AudioWorkletProcessor {
  chunk = new Int16Array(480);
  filled = 0;

  process(inputs) {
    const samples = inputs[0][0];
    for (let at = 0; at < samples.length; at += 2) {
      const mean = (samples[at] + samples[at + 1]) / 2;
      this.chunk[this.filled++] = Math.max(-32768, Math.min(32767, Math.round(mean * 32768)));
      if (this.filled < 480) continue;
      this.port.postMessage(this.chunk);
      this.filled = 0;
    }
    return true;
  }
}

registerProcessor('downsample', Downsample);
