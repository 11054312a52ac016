/**
 * The health of one session: what a client captures, sends and receives, as far as it shows what failed.
 *
 * Waits are counted in what should move: quiet in captured audio, answers in time. What the figures mean is decided in
 * `detectors.js`.
 */

import { MS, pushLatest } from "../units.js";
import { IdlePrompts } from "./prompts.js";

/** This much of a voice past the gate needs an answer: often no more of a whole sentence is recognised as a voice. */
const NEEDS_ANSWER_US = 240 * MS;
/** After this much without a voice, the voice has ended. */
const VOICE_END_US = 700 * MS;
/** A pause within one turn is shorter than this, however long the server is set to wait. */
const PAUSE_US = 2_000 * MS;
/** The least time that a turn has for its response, however long earlier turns waited. */
const GRACE_US = 2_000 * MS;
/** So many turns and responses that ended are remembered: later events about them are late or repeated. */
const ENDED_COUNT = 64;
/** A voice shorter than this needs no answer. */
const SPEECH_US = 400 * MS;
/** If a voice ended this long ago and the server took no turn, nobody waits: it was not a voice. */
const GIVES_UP_US = 12_000 * MS;

/** Make a new one for each session; the monitor, meter, heartbeat and wait that are passed in outlive it. */
export class SessionHealth {
  #gatedLimitUs;
  #answerUs;
  /** How long turns have waited for a response without success, not counting the time in which the user spoke. */
  #waitedUs = 0;
  #audible = new Set();
  /** Ids of turns and responses that ended. */
  #over = [];
  /** Whether the server is in speech, from `speech_started` to the end of the turn. */
  serverSpeech = false;
  /** Quiet captured since the last voice. */
  quietUs = 0;
  /** Anything captured since the last voice. */
  voicelessUs = 0;
  /** Sound without a voice captured in the server's speech, in total; pauses do not count. */
  noiseUs = 0;
  /** Captured without a pause since the server's speech started. */
  speechUs = 0;
  /** A voice that the gate removed, since the server's last speech. */
  gatedUs = 0;
  /** A voice that passed the gate. */
  sentUs = 0;
  /** When the voice ended that was sent, and about which no event arrived. */
  unheardSince = null;
  /** When the turn ended that awaits its response, minus the time that turns before it waited without success. */
  unansweredSince = null;
  /** Whether stuck speech was treated, and the assistant was not heard since. */
  suspected = false;
  /** When the open response last made progress; null: no response is open. */
  responseMovedAt = null;
  /** How the last response ended, if it failed or had no sound: a symptom. */
  badReply = null;
  /** What the assistant says unasked; it is no answer to a voice or a turn. */
  prompts = new IdlePrompts();

  constructor(settings, capture, playback, heartbeat, answerWait, began) {
    this.settings = settings;
    this.capture = capture;
    this.playback = playback;
    this.heartbeat = heartbeat;
    this.answerWait = answerWait;
    this.began = began;
    this.#gatedLimitUs = settings.gated_voice_ms * MS;
    this.#answerUs = settings.answer_timeout_ms * MS;
  }

  // --- what happens ---

  /**
   * A chunk was captured: `voiced` as `CaptureMonitor.chunk` returned, `passed`: it passed the gate.
   *
   * What is gated while the assistant speaks is gated on purpose and does not count.
   */
  chunk(durationUs, voiced, passed, assistantSpeaking, now) {
    if (this.serverSpeech) this.speechUs += durationUs;
    if (!voiced) {
      this.#voiceless(durationUs, passed, now);
      return;
    }
    this.quietUs = this.voicelessUs = 0;
    if (!assistantSpeaking) this.answerWait.voice(durationUs, now);
    if (this.serverSpeech) return;
    if (passed) this.sentUs += durationUs;
    else if (!assistantSpeaking) this.gatedUs += durationUs;
  }

  /** Unanswered speech was sent again, in one append: an ear that works reacts within `rung_wait_ms`. */
  resent(now) {
    this.unheardSince = now - this.#shortened;
  }

  /** `speech_started` arrived; a late one, of a turn that has ended, changes nothing. */
  speechStarted(itemId, now) {
    if (this.#over.includes(itemId)) return;
    this.turnBegins(now);
    this.serverSpeech = true;
    this.speechUs = this.quietUs = this.voicelessUs = this.noiseUs = 0;
    this.gatedUs = this.sentUs = 0;
    this.unheardSince = null;
  }

  /** `speech_stopped` arrived: the turn awaits its answer. null: `cleared` counts as the end of speech. */
  speechEnded(itemId, now) {
    this.serverSpeech = false;
    if (itemId !== null && !this.#over.includes(itemId)) {
      pushLatest(this.#over, itemId, ENDED_COUNT);
      this.asked(now);
    }
  }

  /**
   * The turn was committed, so its speech has ended, even if `speech_stopped` was lost.
   *
   * Returns whether it is a turn of the user.
   */
  committed(itemId, now) {
    if (this.prompts.committed(itemId)) return false;
    if (!this.#over.includes(itemId)) this.speechEnded(itemId, now);
    return true;
  }

  /** The user speaks: turns and replies before this one are not waited for while the user goes on. */
  turnBegins(now) {
    this.#userGoesOn(now);
    this.unansweredSince = null;
    this.badReply = null;
  }

  /** A turn ended, or the client asked for a response: it is awaited. */
  asked(now) {
    this.#userGoesOn(now);
    this.unansweredSince = now - Math.max(0, Math.min(this.#waitedUs, this.#answerUs - GRACE_US));
    this.answerWait.asked(now);
  }

  /** `response.created` arrived. */
  responseCreated(responseId, now) {
    this.prompts.responseCreated(responseId);
    if (!this.#over.includes(responseId)) this.#moved(responseId, now);
  }

  /** The open response made progress. */
  responseMoved(now) {
    this.responseMovedAt = now;
    this.#responded();
    this.badReply = null;
  }

  /** Audio of a response arrived; if it is silent, it is no progress. */
  responseAudio(responseId, audible, now) {
    if (!audible) return;
    this.#audible.add(responseId);
    if (!this.prompts.has(responseId)) {
      this.answerWait.assistantHeard();
      this.suspected = false;
      this.unheardSince = null;
      this.#responded();
    }
    if (!this.#over.includes(responseId)) this.#moved(responseId, now);
  }

  /** `response.done` arrived. `calls`: the response has function calls, so it needs no audio. */
  responseDone(responseId, status, calls) {
    if (this.#over.includes(responseId)) return;
    pushLatest(this.#over, responseId, ENDED_COUNT);
    const wasAudible = this.#audible.delete(responseId);
    if (this.prompts.has(responseId)) {
      this.responseMovedAt = null;
      return;
    }
    this.noResponse();
    if (status === "failed") this.badReply = "reply_failed";
    else if ((status === "completed" || status === "incomplete") && !wasAudible && !calls) {
      this.badReply = "reply_silent";
    }
  }

  /** No response is open. */
  noResponse() {
    this.responseMovedAt = null;
    this.#responded();
  }

  // --- for the detectors ---

  /** After how much quiet the server's speech counts as stuck: less once it was suspected. */
  get stuckUs() {
    const stuckUs = this.settings.stuck_speech_ms * MS;
    const allowedUs = (this.settings.silence_duration_ms ?? 0) * MS + PAUSE_US;
    return this.suspected ? Math.min(stuckUs, allowedUs) : stuckUs;
  }

  /** A remedy was applied: start the waits again, so that it has time to work. */
  treated(symptom, now) {
    this.suspected ||= symptom === "speech_stuck";
    this.gatedUs = this.sentUs = this.quietUs = this.voicelessUs = this.speechUs = this.noiseUs = 0;
    // An ear that works reacts at once: do not wait for another answer_timeout_ms.
    if (this.unheardSince !== null) this.unheardSince = now - this.#shortened;
    if (this.unansweredSince !== null) this.unansweredSince = now;
    this.#waitedUs = 0;
    if (this.responseMovedAt !== null) this.responseMovedAt = now;
  }

  get #shortened() {
    return Math.max(0, this.#answerUs - this.settings.rung_wait_ms * MS);
  }

  #voiceless(durationUs, passed, now) {
    this.voicelessUs += durationUs;
    if (this.serverSpeech && this.voicelessUs > PAUSE_US) this.noiseUs += durationUs;
    if (!(passed && this.capture.loud)) this.quietUs += durationUs;
    else if (this.serverSpeech && this.voicelessUs <= PAUSE_US) {
      this.answerWait.voice(durationUs, now); // of a sentence, little more than the vowels is recognised
    }
    if (this.voicelessUs >= VOICE_END_US) {
      this.speechUs = 0;
      this.#voiceEnded(now);
    }
  }

  /** A response made progress; that of a prompt ends no wait. */
  #moved(responseId, now) {
    if (this.prompts.has(responseId)) this.responseMovedAt = now;
    else this.responseMoved(now);
  }

  /** Stop the wait for a response while the user speaks; a wait as short as a pause does not count. */
  #userGoesOn(now) {
    if (this.unansweredSince !== null && now - this.unansweredSince > PAUSE_US) {
      this.#waitedUs = now - this.unansweredSince;
    }
  }

  /** No turn awaits a response. */
  #responded() {
    this.unansweredSince = null;
    this.#waitedUs = 0;
  }

  #voiceEnded(now) {
    if (this.sentUs >= NEEDS_ANSWER_US && this.unheardSince === null && !this.serverSpeech) this.unheardSince = now;
    this.sentUs = 0;
    this.answerWait.voiceEnded();
    if (this.gatedUs < this.#gatedLimitUs) this.gatedUs = 0;
  }
}

/**
 * How long the user has waited to hear the assistant, over all sessions.
 *
 * It starts with a voice or a turn, and ends with assistant audio that can be heard. It stops while the user speaks.
 */
export class AnswerWait {
  #since = null;
  #voicedUs = 0;
  #lastVoice = 0;
  /** Whether the server committed a turn since. */
  #asked = false;

  /** A chunk of a voice was captured while the assistant did not speak. */
  voice(durationUs, now) {
    this.#voicedUs += durationUs;
    this.#lastVoice = now;
    if (this.#since !== null) this.#since = Math.min(now, this.#since + durationUs);
    else if (this.#voicedUs >= SPEECH_US) this.#since = now;
  }

  /** The voice ended; if it was short, it needs no answer. */
  voiceEnded() {
    this.#voicedUs = 0;
  }

  /** A turn ended and needs an answer. */
  asked(now) {
    this.#asked = true;
    this.#since ??= now;
  }

  /** Assistant audio that can be heard arrived. */
  assistantHeard() {
    this.#since = null;
    this.#voicedUs = 0;
    this.#asked = false;
  }

  /** Everything was renewed: the wait starts again, if somebody waits. */
  restart(now) {
    if (this.#since !== null) this.#since = now;
  }

  /** The length of the wait; 0 if nobody waits. */
  elapsedUs(now) {
    if (!this.#asked && now - this.#lastVoice >= GIVES_UP_US) this.#since = null;
    return this.#since !== null ? now - this.#since : 0;
  }
}
