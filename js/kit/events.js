/** Server events as the wire has them: whether one can be read, and audio as base64. */

/** The texts that an event of each kind must have, by their path. Kinds that are not listed need none. */
const NEEDED = {
  "input_audio_buffer.speech_started": [["item_id"]],
  "input_audio_buffer.speech_stopped": [["item_id"]],
  "input_audio_buffer.committed": [["item_id"]],
  "input_audio_buffer.timeout_triggered": [["item_id"]],
  "response.created": [["response", "id"]],
  "response.done": [["response", "id"], ["response", "status"]],
  "response.output_audio.delta": [["response_id"], ["item_id"], ["delta"]],
  "response.output_audio.done": [["response_id"]],
  "output_audio_buffer.started": [["response_id"]],
  "output_audio_buffer.stopped": [["response_id"]],
  "output_audio_buffer.cleared": [["response_id"]],
  "response.output_audio_transcript.done": [["item_id"], ["transcript"]],
  "response.output_text.done": [["item_id"], ["text"]],
  "response.function_call_arguments.done": [["response_id"], ["call_id"]],
  "response.output_item.done": [["response_id"], ["item", "type"]],
  error: [["error", "message"]],
};

/** Whether a server event has the fields that the kit reads; one that has not is ignored. */
export function isReadable(event) {
  const needed = NEEDED[event.type] ?? [];
  const hasTexts = needed.every((path) => typeof path.reduce((value, key) => value?.[key], event) === "string");
  return hasTexts && isList(event.response?.output);
}

/** Whether this is a list of objects, or is not there. */
function isList(value) {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) && value.every((each) => typeof each === "object" && each !== null);
}

/** Bytes of base64, or null if it is none. */
export function fromBase64(text) {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/** Base64 of bytes. */
export function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** A client event that the kit returned, as the text that a WebSocket or a data channel sends. */
export function encode(event) {
  const { audio, ...others } = event;
  return JSON.stringify(audio instanceof Uint8Array ? { ...others, audio: toBase64(audio) } : event);
}
