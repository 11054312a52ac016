export const sampleRate = 48000;
