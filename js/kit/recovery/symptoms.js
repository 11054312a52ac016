/** The names of recovery: detectors, the symptoms they report, and the need that each symptom belongs to. */

/** In the order in which they are asked: the most basic failure first. As in the client setting `detectors`. */
export const DETECTOR_NAMES = Object.freeze([
  "assistant_heard", "ping", "capture_flow", "capture_sound", "playback", "stuck_speech", "response", "reply", "answer",
  "capture_level", "gate", "uplink",
]);

/** What has to work again, by symptom. Symptoms of one need are treated by the same remedies. */
export const NEED_OF = Object.freeze({
  nothing_heard: "everything",
  peer_lost: "connection",
  capture_stopped: "capture",
  capture_silent: "silence",
  capture_garbled: "silence",
  playback_stuck: "playback",
  speech_stuck: "hearing",
  voice_gated: "hearing",
  voice_unheard: "voice",
  speech_in_noise: "noise",
  speech_endless: "turn",
  response_stuck: "response",
  turn_unanswered: "answer",
  reply_failed: "reply",
  reply_silent: "reply",
});
