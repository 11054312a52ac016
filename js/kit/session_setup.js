/** The start of a session: whether `session.created` arrived, and whether the client's own turn detection applies. */

import { MS } from "./units.js";

/** Updates sent in one session without a confirmation: a service may never accept them. */
const MOST_TRIES = 4;
const FORMAT = "audio/pcm";

/** Sends `session.update` when a session begins; `due` sends it again while it is not confirmed. */
export class ClientSessionSetup {
  #timeoutUs;
  #detection;
  #resendAt = null;
  #tries = 0;
  #createdDue = null;

  constructor(settings) {
    this.#timeoutUs = settings.session_timeout_ms * MS;
    const names = ["threshold", "prefix_padding_ms", "silence_duration_ms"];
    const given = names.filter((name) => settings[name] !== null).map((name) => [name, settings[name]]);
    this.#detection = given.length ? { type: "server_vad", ...Object.fromEntries(given) } : null;
  }

  // --- session.created ---

  /** The connection opened: `session.created` is expected. */
  opened(now) {
    this.#createdDue = now + this.#timeoutUs;
    this.#resendAt = null;
    this.#tries = 0;
  }

  /** Whether `session.created` is overdue: it may be lost, so go on as if it had arrived. */
  isOverdue(now) {
    return this.#createdDue !== null && now >= this.#createdDue;
  }

  /** `session.created` arrived, or is overdue; returns the updates to send. */
  begin(now) {
    this.#createdDue = null;
    return this.#detection === null ? [] : this.#ask(now);
  }

  /** Whether `begin` was called for this session. */
  get hasBegun() {
    return this.#createdDue === null;
  }

  // --- turn detection ---

  /** The updates that restart turn detection on the server. */
  offAndOn(now) {
    this.#tries = 0;
    return [update(null), ...this.#ask(now)];
  }

  /** `session.updated` arrived with these settings. */
  updated(session) {
    const detection = session?.audio?.input?.turn_detection;
    const formats = [session?.audio?.input?.format?.type, session?.audio?.output?.format?.type];
    const hasFormat = formats.every((found) => found === undefined || found === FORMAT);
    if (hasFormat && (detection === undefined || agrees(detection, this.#wanted))) this.#resendAt = null;
  }

  /** The update to send again, if it was not confirmed in time. */
  due(now) {
    return this.#resendAt !== null && now >= this.#resendAt ? this.#ask(now) : [];
  }

  get #wanted() {
    return this.#detection ?? { type: "server_vad" };
  }

  #ask(now) {
    this.#tries += 1;
    this.#resendAt = this.#tries < MOST_TRIES ? now + this.#timeoutUs : null;
    return [update(this.#wanted)];
  }
}

function agrees(detection, wanted) {
  const isObject = typeof detection === "object" && detection !== null;
  return isObject && Object.entries(wanted).every(([name, value]) => detection[name] === value);
}

function update(detection) {
  return { type: "session.update", session: { type: "realtime", audio: { input: { turn_detection: detection } } } };
}
