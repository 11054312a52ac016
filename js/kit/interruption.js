/** What follows from `speech_started`: whether it is a barge-in, and a watchdog if no `speech_stopped` follows. */

import { meanSquare, MS, SECOND } from "./units.js";

const RECENT_US = SECOND;

/** Whether `speech_started` during assistant audio is a barge-in: only if the captured audio was loud enough. */
export class Interruption {
  #limit;
  #loudAt = -RECENT_US;

  constructor(settings) {
    this.#limit = meanSquare(settings.interruption_threshold);
  }

  /** A chunk was captured while the assistant is believed to speak. */
  chunk(energy, samples, now) {
    if (energy >= this.#limit * samples) this.#loudAt = now;
  }

  /** Whether a chunk of the last second reached the threshold. */
  isOne(now) {
    return now - this.#loudAt <= RECENT_US;
  }
}

/** The founding report's watchdog: after `speech_started`, it fires at an interval until `speech_stopped`. */
export class Watchdog {
  #periodUs;
  /** When it fires next, in microseconds; null: it is not armed. */
  due = null;

  /** @param {number | null} watchdogMs null: it never fires */
  constructor(watchdogMs) {
    this.#periodUs = watchdogMs === null ? null : watchdogMs * MS;
  }

  /** Speech started. */
  arm(now) {
    if (this.#periodUs !== null) this.due = now + this.#periodUs;
  }

  /** Speech stopped, or the connection ended. */
  disarm() {
    this.due = null;
  }

  /** Whether to send `clear` now; if so, the interval starts again. */
  fires(now) {
    if (this.due === null || now < this.due) return false;
    this.arm(now);
    return true;
  }
}
