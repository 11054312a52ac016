// A gain and an offset as AudioParams, to the output.
class Parameters extends AudioWorkletProcessor {
  static get parameterDescriptors() {
    return [
      { name: 'gain', defaultValue: 0.7, minValue: 0, maxValue: 2 },
      { name: 'offset', defaultValue: 0.1, automationRate: 'k-rate' },
    ];
  }

  process(inputs, outputs, parameters) {
    const gain = parameters.gain;
    inputs[0][0].forEach((sample, at) => {
      outputs[0][0][at] = sample * (gain.length > 1 ? gain[at] : gain[0]) + parameters.offset[0] * sample * sample;
    });
    return true;
  }
}

registerProcessor('parameters', Parameters);
