/**
 * The settings of a voice client, under the names that scenarios, sweeps and the Python kit use. What each means is in
 * `harness/clients/settings.py`. Thresholds are RMS relative to full scale; times are milliseconds.
 */

import { STRATEGIES } from "./recovery/strategies.js";
import { DETECTOR_NAMES } from "./recovery/symptoms.js";

/** Every setting with its default. */
export const DEFAULTS = Object.freeze({
  gate_mode: "off",
  gate_threshold: 0,
  gate_hold_ms: 0,
  interruption_threshold: 0,
  watchdog_ms: null,
  chunk_ms: 20,
  greets: "never",
  threshold: null,
  prefix_padding_ms: null,
  silence_duration_ms: null,
  recovery: "off",
  detectors: "all",
  ping_interval_ms: 5_000,
  pong_timeout_ms: 5_000,
  capture_gap_ms: 1_500,
  capture_dead_dbfs: -50,
  capture_dead_ms: 6_000,
  capture_moved_ms: 20_000,
  capture_unproven_ms: 50_000,
  gated_voice_ms: 640,
  stuck_speech_ms: 5_000,
  stuck_noise_ms: 12_000,
  longest_speech_ms: 30_000,
  answer_timeout_ms: 6_000,
  response_timeout_ms: 8_000,
  playback_grace_ms: 1_500,
  renew_after_ms: 20_000,
  session_timeout_ms: 5_000,
  dial_timeout_ms: 8_000,
  rung_wait_ms: 3_000,
  reconnect_first_ms: 500,
  reconnect_max_ms: 8_000,
});

const HOUR_MS = 3_600_000;
const CHOICES = {
  gate_mode: ["zeros", "skip", "off"],
  greets: ["never", "once"],
  recovery: ["off", ...Object.keys(STRATEGIES)],
};
const NULLABLE = new Set(["watchdog_ms", "threshold", "prefix_padding_ms", "silence_duration_ms"]);
const FRACTIONAL = new Set(["gate_threshold", "interruption_threshold", "threshold", "capture_dead_dbfs"]);
const RANGES = {
  gate_threshold: [0, 1],
  gate_hold_ms: [0, HOUR_MS],
  interruption_threshold: [0, 1],
  chunk_ms: [1, 1_000],
  threshold: [0, 1],
  prefix_padding_ms: [0, 10_000],
  silence_duration_ms: [0, 60_000],
  capture_dead_dbfs: [-120, 0],
};

/**
 * Settings that cannot be changed any more: those of `base`, with some values replaced.
 *
 * Throws a RangeError, in one sentence, for an unknown name or a bad value.
 */
export function withChanges(base, changes = {}) {
  for (const [name, value] of Object.entries(changes)) check(name, value);
  return Object.freeze({ ...base, ...changes });
}

/** The detectors that run, in the order in which they are asked. */
export function detectorNames(settings) {
  if (settings.detectors === "all") return DETECTOR_NAMES;
  const chosen = namesIn(settings.detectors);
  return DETECTOR_NAMES.filter((name) => chosen.includes(name));
}

/** Settings as a page's address has them, as text by name; names that are no settings are left out. */
export function settingsFromQuery(parameters) {
  const found = {};
  for (const [name, text] of parameters) {
    if (!(name in DEFAULTS)) continue;
    const isText = typeof DEFAULTS[name] === "string";
    found[name] = isText ? text : text === "none" && NULLABLE.has(name) ? null : Number(text);
  }
  return found;
}

function namesIn(text) {
  return text.split(",").map((name) => name.trim()).filter((name) => name);
}

function check(name, value) {
  if (!(name in DEFAULTS)) throw new RangeError(`no client setting is called '${name}'`);
  if (name in CHOICES) {
    if (!CHOICES[name].includes(value)) fail(name, value, `use one of: ${CHOICES[name].join(", ")}`);
  } else if (name === "detectors") {
    const unknown = value === "all" ? undefined : namesIn(value).find((each) => !DETECTOR_NAMES.includes(each));
    if (unknown !== undefined) fail(name, unknown, `use all, or some of: ${DETECTOR_NAMES.join(", ")}`);
  } else if (!(value === null && NULLABLE.has(name))) {
    const isNumber = FRACTIONAL.has(name) ? Number.isFinite(value) : Number.isInteger(value);
    if (!isNumber) fail(name, value, FRACTIONAL.has(name) ? "give a number" : "give a whole number");
    const [low, high] = RANGES[name] ?? [1, HOUR_MS];
    if (value < low || value > high) fail(name, value, `give a value from ${low} to ${high}`);
  }
}

function fail(name, value, cure) {
  throw new RangeError(`client setting ${name} is ${JSON.stringify(value)}; ${cure}`);
}
