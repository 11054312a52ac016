/** Time is integer microseconds everywhere; levels are relative to full scale or in int16 steps (LSB). */

/** Microseconds in a millisecond. */
export const MS = 1_000;
/** Microseconds in a second. */
export const SECOND = 1_000_000;
/** LSB of a full-scale int16 sample. */
export const FULL_SCALE = 32_768;
/** The rate of all audio that the kit takes and gives. */
export const SAMPLE_RATE_HZ = 24_000;

/** Amplitude relative to full scale of a level in dBFS. */
export function amplitude(levelDbfs) {
  return 10 ** (levelDbfs / 20);
}

/** The mean square in LSB² of a threshold that is given as RMS relative to full scale. */
export function meanSquare(threshold) {
  return (threshold * FULL_SCALE) ** 2;
}

/** Microseconds that PCM (int16, mono, 24 kHz) of so many bytes lasts, rounded down. */
export function durationUs(byteCount) {
  return Math.floor((Math.floor(byteCount / 2) * SECOND) / SAMPLE_RATE_HZ);
}

/** Append to a list, and drop its first entries while there are more than `most`. */
export function pushLatest(list, value, most) {
  list.push(value);
  if (list.length > most) list.splice(0, list.length - most);
}
