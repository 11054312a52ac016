/**
 * Recovery strategies by name: for each need, the remedies in the order of their cost.
 *
 * The remedies of a need are a ladder: if one does not help, the next is applied. The last one repeats, each time after
 * twice the wait. Once the need is satisfied, the ladder starts again at its first remedy.
 */

import { NEED_OF } from "./symptoms.js";

/** The same remedies for every need. */
function always(...remedies) {
  return Object.fromEntries(Object.values(NEED_OF).map((need) => [need, remedies]));
}

function strategy(ladders = {}, { replaysHistory = false, resendsSpeech = false, resumesPlayback = false } = {}) {
  return Object.freeze({ ladders, replaysHistory, resendsSpeech, resumesPlayback });
}

const LADDER = {
  capture: ["reopen_capture", "reopen_capture", "tell_user", "reopen_capture"],
  silence: ["reopen_capture"],
  playback: ["resume_playback", "resume_playback", "tell_user", "resume_playback"],
  hearing: ["open_gate", "end_speech", "reconnect"],
  voice: ["end_speech", "reconnect", "reopen_capture", "reconnect"],
  noise: ["raise_gate", "end_speech", "reopen_capture", "reconnect"],
  turn: ["commit_and_create", "end_speech", "reopen_capture", "reconnect"],
  response: ["cancel_response", "reconnect"],
  answer: ["ask_for_response", "reconnect"],
  reply: ["ask_for_response", "ask_for_response", "reconnect"],
  connection: ["reconnect"],
  everything: ["renew"],
};

/** By name, as in the client setting `recovery`; docs/recovery.md says what each does, and how well. */
export const STRATEGIES = Object.freeze({
  none: strategy(),
  clear: strategy(always("clear")),
  clear_ends_speech: strategy(always("clear_ends_speech")),
  commit_and_create: strategy(always("commit_and_create")),
  detection_off_on: strategy(always("detection_off_on")),
  cancel_and_truncate: strategy(always("cancel_and_truncate")),
  reopen_capture: strategy(always("reopen_capture")),
  reconnect_empty: strategy(always("reconnect")),
  reconnect_with_history: strategy(always("reconnect"), { replaysHistory: true }),
  reconnect_and_resend: strategy(always("reconnect"), { replaysHistory: true, resendsSpeech: true }),
  watchdog_ladder: strategy(always("clear", "commit_and_create", "reconnect"), { replaysHistory: true }),
  ladder: strategy(LADDER, { replaysHistory: true, resendsSpeech: true, resumesPlayback: true }),
});
