/**
 * The reference clients: `VoiceClient` with three sets of settings, as in `harness/clients/reference.py`.
 *
 * `reported` is the production client of the founding report (community.openai.com topic 1374520, 2026-02-18): gate
 * 0.03, interruption 0.1, and a watchdog that clears after 30 s. `development` is its development build, which the
 * report says does not freeze: no gate, no watchdog. `resilient` has the gate and thresholds of `reported`, and the
 * recovery ladder in place of the watchdog.
 */

import { DEFAULTS, withChanges } from "./settings.js";
import { VoiceClient } from "./voice_client.js";

const REPORTED = withChanges(DEFAULTS, {
  gate_mode: "zeros", gate_threshold: 0.03, interruption_threshold: 0.1, watchdog_ms: 30_000, chunk_ms: 20,
});

/** Settings by the name of the client. */
export const REFERENCE_SETTINGS = Object.freeze({
  reported: REPORTED,
  development: withChanges(DEFAULTS, { gate_mode: "off", interruption_threshold: 0.02 }),
  resilient: withChanges(REPORTED, { watchdog_ms: null, recovery: "ladder" }),
});

/** A reference client by its name, with some settings changed. Throws a RangeError, in one sentence. */
export function referenceClient(name, changes = {}) {
  if (!Object.hasOwn(REFERENCE_SETTINGS, name)) {
    throw new RangeError(`no client is called '${name}'; use one of: ${Object.keys(REFERENCE_SETTINGS).join(", ")}`);
  }
  return new VoiceClient(withChanges(REFERENCE_SETTINGS[name], changes));
}
