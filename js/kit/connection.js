/** The client's connection: dials with exponential backoff, and pings that tell a dead connection from a quiet one. */

import { MS } from "./units.js";

/** Exponential backoff between dials: `due` is when to dial next. */
export class Redial {
  #firstUs;
  #maxUs;
  #timeoutUs;
  #waitUs;
  #dialledAt = null;
  due = null;
  /** Failed dials and lost connections since the last connection that worked. */
  failures = 0;

  constructor(settings) {
    this.#firstUs = settings.reconnect_first_ms * MS;
    this.#maxUs = settings.reconnect_max_ms * MS;
    this.#timeoutUs = settings.dial_timeout_ms * MS;
    this.#waitUs = this.#firstUs;
  }

  /** The connection was lost or could not be made. */
  failed(now) {
    this.failures += 1;
    this.#dialledAt = null;
    this.due = now + this.#waitUs;
    this.#waitUs = Math.min(this.#maxUs, 2 * this.#waitUs);
  }

  /** A dial is under way. */
  dialled(now) {
    this.due = null;
    this.#dialledAt = now;
  }

  /** Whether the dial under way has not been answered in time; the first dial counts from the first call. */
  isOverdue(now) {
    if (this.due !== null) return false;
    this.#dialledAt ??= now;
    return now - this.#dialledAt >= this.#timeoutUs;
  }

  /** The connection is open. It may be closed at once, so the wait is not reset yet. */
  opened() {
    this.due = this.#dialledAt = null;
  }

  /** The connection works: the next wait is the shortest again. */
  succeeded() {
    this.due = this.#dialledAt = null;
    this.failures = 0;
    this.#waitUs = this.#firstUs;
  }
}

/** Pings at an interval; a pong that does not arrive in time means that the connection is dead. */
export class Heartbeat {
  #intervalUs;
  #timeoutUs;
  /** When the first ping was sent that has no pong yet. */
  #pingedAt = null;
  #next = null;

  constructor(settings) {
    this.#intervalUs = settings.ping_interval_ms * MS;
    this.#timeoutUs = settings.pong_timeout_ms * MS;
  }

  /** The connection opened. A call has no pings: its browser checks the path, and says so if it is lost. */
  start(now, pings = true) {
    this.#pingedAt = null;
    this.#next = pings ? now + this.#intervalUs : null;
  }

  /** The connection closed. */
  stop() {
    this.#pingedAt = this.#next = null;
  }

  /** A pong arrived. */
  pong() {
    this.#pingedAt = null;
  }

  /** On a call, which has no pings, the browser says that no packet arrives: as a ping without a pong. */
  missed(now) {
    this.#pingedAt ??= now;
  }

  /** Whether to send a ping now; if so, the interval starts again. */
  pingDue(now) {
    if (this.#next === null || now < this.#next) return false;
    this.#next = now + this.#intervalUs;
    this.#pingedAt ??= now;
    return true;
  }

  /** Whether a pong is overdue. */
  isLost(now) {
    return this.#pingedAt !== null && now - this.#pingedAt >= this.#timeoutUs;
  }
}
