// Which part of a posted message is audio.

const isAudio = (value) =>
  value instanceof Float32Array || value instanceof Int16Array || value instanceof Float64Array || value instanceof ArrayBuffer;

function samplesOf(value) {
  if (value instanceof Float64Array) return Float32Array.from(value);
  if (value instanceof ArrayBuffer) return value.byteLength % 2 ? null : new Int16Array(value);
  return value;
}

/** The samples, if a message is audio or an object with one field of audio: floats, or int16. */
export function audioIn(data) {
  if (isAudio(data)) return samplesOf(data);
  if (data === null || typeof data !== 'object') return null;
  const found = Object.values(data).filter(isAudio);
  return found.length === 1 ? samplesOf(found[0]) : null;
}

/** A value in a few words. */
export function shapeOf(value) {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.length}`;
  if (typeof value !== 'object') return `a ${typeof value}`;
  const fields = Object.entries(value).map(([name, each]) =>
    each && typeof each === 'object' ? `${name} (${shapeOf(each)})` : name,
  );
  return fields.length ? `an object with ${fields.slice(0, 8).join(', ')}` : 'an empty object';
}
