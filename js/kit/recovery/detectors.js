/**
 * Detectors of a frozen conversation: each checks the health of a session and returns a symptom, or null.
 *
 * They are asked in the order of how basic a failure is, and the first symptom that has a remedy now is treated.
 */

import { detectorNames } from "../settings.js";
import { MS } from "../units.js";

/** What the detectors report that the settings switch on, the most basic failure first. */
export function* symptoms(health, now) {
  for (const name of detectorNames(health.settings)) {
    const symptom = SYMPTOM_DETECTORS[name](health, now);
    if (symptom !== null) yield symptom;
  }
}

function isLongAgo(since, now, limitMs) {
  return since !== null && now - since >= limitMs * MS;
}

/** By name. */
export const SYMPTOM_DETECTORS = Object.freeze({
  /**
   * A voice was captured or a turn committed, and the assistant was not heard for long, for whatever reason.
   *
   * Not while the session is new, or an event of a response has just arrived.
   */
  assistant_heard(health, now) {
    if (health.answerWait.elapsedUs(now) < health.settings.renew_after_ms * MS) return null;
    const latest = Math.max(health.began, health.responseMovedAt ?? 0);
    return isLongAgo(latest, now, health.settings.rung_wait_ms) ? "nothing_heard" : null;
  },

  /** A ping was not answered: the connection is dead, although it was not closed. */
  ping: (health, now) => (health.heartbeat.isLost(now) ? "peer_lost" : null),

  /** No chunk was captured for some time. */
  capture_flow: (health, now) => (health.capture.stopped(now) ? "capture_stopped" : null),

  /** What is captured cannot be a real room: looped, clipped, at a wrong rate, or drowned in noise. */
  capture_sound: (health) => (health.capture.garbled ? "capture_garbled" : null),

  /** The end of playback is overdue: the assistant is believed to speak while nothing is played. */
  playback: (health, now) =>
    health.playback.overdueUs(now) >= health.settings.playback_grace_ms * MS ? "playback_stuck" : null,

  /** The server stays in speech while it is sent quiet, noise without a voice, or a voice without a pause. */
  stuck_speech(health) {
    if (!health.serverSpeech) return null;
    if (health.quietUs >= health.stuckUs) return "speech_stuck";
    if (health.noiseUs >= health.settings.stuck_noise_ms * MS) return "speech_in_noise";
    return health.speechUs >= health.settings.longest_speech_ms * MS ? "speech_endless" : null;
  },

  /** A response is open, and no more of it arrives that can be heard. */
  response: (health, now) =>
    isLongAgo(health.responseMovedAt, now, health.settings.response_timeout_ms) ? "response_stuck" : null,

  /** A response ended as failed, or without any sound. */
  reply: (health) => health.badReply,

  /** The user's turn ended or the client asked for a response, and none started. */
  answer: (health, now) =>
    isLongAgo(health.unansweredSince, now, health.settings.answer_timeout_ms) ? "turn_unanswered" : null,

  /** What is captured does not match the room: digital zeros, far too quiet, restless, muffled, or another sound. */
  capture_level: (health) => (health.capture.silent ? "capture_silent" : null),

  /** The client's own gate removed more of a voice than it let pass. */
  gate(health) {
    const isGated = health.gatedUs >= health.settings.gated_voice_ms * MS && health.gatedUs > health.sentUs;
    return isGated ? "voice_gated" : null;
  },

  /** A voice was sent, and the server sent no event about it. */
  uplink: (health, now) =>
    isLongAgo(health.unheardSince, now, health.settings.answer_timeout_ms) ? "voice_unheard" : null,
});
