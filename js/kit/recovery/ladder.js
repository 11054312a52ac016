/** Walks up the ladders of a strategy: which remedy is next, and when. */

import { MS, SECOND } from "../units.js";
import { STRATEGIES } from "./strategies.js";
import { NEED_OF } from "./symptoms.js";

const LONGEST_WAIT_US = 60 * SECOND;

/** Chooses the next remedy of the strategy that the settings name; it must not be `off`. */
export class RecoveryLadder {
  #waitUs;
  #renewUs;
  /** How far a need's ladder has been walked. */
  #progress = new Map();

  constructor(settings) {
    this.strategy = STRATEGIES[settings.recovery];
    this.#waitUs = settings.rung_wait_ms * MS;
    this.#renewUs = settings.renew_after_ms * MS;
  }

  /** Whether the last remedy for its need still has time to work. */
  isWaiting(symptom, now) {
    const progress = this.#progress.get(NEED_OF[symptom]);
    return progress !== undefined && now < progress.notBefore;
  }

  /** What to do about a symptom now; null: nothing, or the last remedy still has time to work. */
  nextRemedy(symptom, now) {
    const need = NEED_OF[symptom];
    if (!this.#progress.has(need)) {
      const waitUs = need === "everything" ? this.#renewUs : this.#waitUs;
      this.#progress.set(need, { waitUs, step: 0, notBefore: 0 });
    }
    const progress = this.#progress.get(need);
    if (now < progress.notBefore) return null;
    const remedies = this.strategy.ladders[need] ?? [];
    if (progress.step >= Math.max(1, remedies.length)) {
      progress.waitUs = Math.max(progress.waitUs, Math.min(LONGEST_WAIT_US, 2 * progress.waitUs));
    }
    const chosen = remedies.length ? remedies[Math.min(progress.step, remedies.length - 1)] : null;
    progress.step += 1;
    progress.notBefore = now + progress.waitUs;
    return chosen;
  }

  /** The remedy after one that would change nothing: it need not wait. */
  skip(symptom, now) {
    this.#progress.get(NEED_OF[symptom]).notBefore = now;
    return this.nextRemedy(symptom, now);
  }

  /** These needs are satisfied again: their ladders start at the first remedy next time. */
  worked(...needs) {
    for (const need of needs) this.#progress.delete(need);
  }
}
