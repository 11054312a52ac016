/** Checks the health of a conversation four times a second, and treats what the detectors report. */

import { CaptureMonitor } from "../capture/monitor.js";
import { Heartbeat } from "../connection.js";
import { isAudible } from "../playback.js";
import { MS, SECOND } from "../units.js";
import { symptoms } from "./detectors.js";
import { AnswerWait, SessionHealth } from "./health.js";
import { RecoveryLadder } from "./ladder.js";
import { Remedies } from "./remedies.js";

const CHECK_EVERY_US = 250 * MS;
/** A check this late: our own process was suspended, and events that arrived meanwhile may still be queued. */
const SUSPENDED_US = SECOND;
/** A connection that has lasted this long works. */
const STEADY_US = 10 * SECOND;
/** An answer that is cut off sooner proves nothing. */
const ANSWERED_US = 500 * MS;
const SATISFIED_BY_AN_ANSWER = [
  "hearing", "voice", "noise", "turn", "response", "reply", "answer", "connection", "everything",
];
/** While their remedies have time to work, less basic failures are treated. */
const SLOW_TO_WORK = new Set(["nothing_heard", "capture_garbled", "capture_silent"]);

/** Lives as long as the client; its `health` lives as long as a session. */
export class RecoverySupervisor {
  #settings;
  #gate;
  #playback;
  #answerWait = new AnswerWait();
  #ladder;
  #remedies;
  #wasLate = false;
  #promptPlays = false;
  #treatedAt = 0;
  #openedAt = null;
  /** When the next check is due, in microseconds. */
  nextCheck = CHECK_EVERY_US;

  constructor(settings, gate, playback, sessionSetup, dial) {
    this.#settings = settings;
    this.#gate = gate;
    this.#playback = playback;
    this.capture = new CaptureMonitor(settings);
    this.heartbeat = new Heartbeat(settings);
    this.#ladder = new RecoveryLadder(settings);
    this.#remedies = new Remedies(this.capture, gate, playback, sessionSetup, dial);
    this.health = this.#newHealth(0);
  }

  /** The one that the settings name. */
  get strategy() {
    return this.#ladder.strategy;
  }

  // --- what happens ---

  /** A chunk was captured; returns whether it is part of a voice. */
  chunk(captured, durationUs, passed, assistantSpeaking, now) {
    const voiced = this.capture.chunk(captured, durationUs, assistantSpeaking, now);
    this.health.chunk(durationUs, voiced, passed, assistantSpeaking, now);
    return voiced;
  }

  /** The connection opened: a new session begins. `pings`: the connection can be pinged. */
  opened(now, pings = true) {
    this.heartbeat.start(now, pings);
    this.capture.expect(now);
    this.health = this.#newHealth(now);
    this.#openedAt = now;
  }

  /** The connection was lost, or the client left it. */
  lost() {
    this.heartbeat.stop();
    this.#remedies.endingSpeech = false;
    this.#openedAt = null;
  }

  /** Whether the connection has lasted long enough to count as working. */
  isSteady(now) {
    return this.#openedAt !== null && now - this.#openedAt >= STEADY_US;
  }

  /** Assistant audio arrived; returns whether anything can be heard in it. */
  audio(responseId, audio, now) {
    const audible = isAudible(audio);
    this.health.responseAudio(responseId, audible, now);
    if (audible) this.#promptPlays = this.health.prompts.has(responseId);
    return audible;
  }

  /** On a call, audio of a response was played that can be heard. */
  heard(responseId, now) {
    this.health.responseAudio(responseId, true, now);
    this.#promptPlays = this.health.prompts.has(responseId);
  }

  /** The end of playback was reported. */
  played(now) {
    this.#ladder.worked("playback");
    if (!this.#promptPlays && this.#playback.answeredUs(now) > 0) this.#ladder.worked(...SATISFIED_BY_AN_ANSWER);
  }

  /** `input_audio_buffer.cleared` arrived; returns whether it counts as the end of speech. */
  cleared(now) {
    if (!this.#remedies.endingSpeech) return false;
    this.#remedies.endingSpeech = false;
    this.health.speechEnded(null, now);
    return true;
  }

  /** An `error` event arrived; its code may show whether the server has a response open. */
  refused(code, now) {
    if (code === "conversation_already_has_active_response") this.health.responseMoved(now);
    else if (code === "response_cancel_not_active") this.health.noResponse();
  }

  // --- what it does ---

  /** Whether it is time for a check. */
  isDue(now) {
    return now >= this.nextCheck;
  }

  /** Whether a whole interval has passed without the check: no wake-up was delivered. */
  isOverdue(now) {
    return now >= this.nextCheck + CHECK_EVERY_US;
  }

  /** Start a check. Returns whether to treat nothing this time: it is late, and the check before was not. */
  beginCheck(now) {
    const late = now - this.nextCheck >= SUSPENDED_US;
    this.nextCheck = now + CHECK_EVERY_US;
    const firstLate = late && !this.#wasLate;
    this.#wasLate = late;
    return firstLate;
  }

  /** A ping if one is due, and the remedy for the most basic failure that has one now. */
  treat(now) {
    this.#gate.settle(this.capture.noise);
    if (this.capture.proven && !(this.capture.silent || this.capture.garbled)) {
      this.#ladder.worked("capture", "silence");
    }
    const heardUs = this.#playback.speaking ? this.#playback.answeredUs(now) : 0;
    const heard = heardUs >= ANSWERED_US && this.#playback.began >= this.#treatedAt;
    if (heard && !this.#promptPlays) this.#ladder.worked(...SATISFIED_BY_AN_ANSWER);
    const commands = this.heartbeat.pingDue(now) ? [{ command: "ping" }] : [];
    for (const symptom of symptoms(this.health, now)) {
      if (SLOW_TO_WORK.has(symptom) && this.#ladder.isWaiting(symptom, now)) continue;
      return [...commands, ...this.#treat(symptom, now)];
    }
    return commands;
  }

  #treat(symptom, now) {
    if (this.#ladder.isWaiting(symptom, now)) return [];
    let remedy = this.#ladder.nextRemedy(symptom, now);
    if (remedy !== null && this.#remedies.isUseless(remedy, symptom)) remedy = this.#ladder.skip(symptom, now);
    this.#treatedAt = now;
    if (!symptom.startsWith("capture")) this.health.treated(symptom, now);
    if (symptom === "nothing_heard") this.#answerWait.restart(now);
    if (remedy === null) return [{ command: "log", kind: "noticed", fields: { symptom } }];
    const log = { command: "log", kind: "remedy", fields: { symptom, remedy } };
    return [log, ...this.#remedies.apply(remedy, symptom, now)];
  }

  #newHealth(now) {
    const { capture, heartbeat } = this;
    return new SessionHealth(this.#settings, capture, this.#playback, heartbeat, this.#answerWait, now);
  }
}
