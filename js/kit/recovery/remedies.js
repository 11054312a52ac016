/** What each remedy of a strategy does: the commands that it sends, and what it changes in the client's own parts. */

const CLEAR = "input_audio_buffer.clear";

/** Applies remedies to a client's parts. `dial(now)` returns the commands that leave the connection for a new one. */
export class Remedies {
  #capture;
  #gate;
  #playback;
  #sessionSetup;
  #dial;
  #all;
  /** Whether the next `input_audio_buffer.cleared` counts as the end of speech. */
  endingSpeech = false;

  constructor(capture, gate, playback, sessionSetup, dial) {
    this.#capture = capture;
    this.#gate = gate;
    this.#playback = playback;
    this.#sessionSetup = sessionSetup;
    this.#dial = dial;
    this.#all = {
      reopen_capture: (_, now) => this.#reopenCapture(now),
      resume_playback: () => [{ command: "resume_playback" }],
      open_gate: () => (this.#gate.open(), []),
      // The noise that holds the server in speech is not sent any more.
      raise_gate: () => (this.#gate.raiseOver(this.#capture.noise), []),
      clear: () => [{ type: CLEAR }],
      clear_ends_speech: () => this.#clearEndsSpeech(),
      detection_off_on: (_, now) => this.#sessionSetup.offAndOn(now),
      end_speech: (symptom, now) => this.#endSpeech(symptom, now),
      commit_and_create: () => [{ type: "input_audio_buffer.commit" }, { type: "response.create" }],
      cancel_response: (_, now) => this.#cancelResponse(now),
      cancel_and_truncate: (_, now) => this.#cancelAndTruncate(now),
      ask_for_response: (symptom) => askForResponse(symptom),
      reconnect: (_, now) => this.#dial(now),
      renew: (_, now) => this.#renew(now),
      tell_user: (symptom) => tellUser(symptom),
    };
  }

  /** The commands of a remedy for a symptom. */
  apply(remedy, symptom, now) {
    return this.#all[remedy](symptom, now);
  }

  /** Whether the remedy would change nothing, or undo the one before it. */
  isUseless(remedy, symptom) {
    const undoes = this.#gate.raised && symptom === "speech_stuck";
    return remedy === "open_gate" && (this.#gate.isOpen || undoes);
  }

  #reopenCapture(now) {
    this.#capture.reopened(now);
    return [{ command: "reopen_capture" }];
  }

  #clearEndsSpeech() {
    this.endingSpeech = true;
    return [{ type: CLEAR }];
  }

  /**
   * Clear, take `cleared` for the end of speech, and restart turn detection.
   *
   * A voice that was sent and not noticed may have been cut to pieces by the gate: open it as well.
   */
  #endSpeech(symptom, now) {
    if (symptom === "voice_unheard") this.#gate.open();
    return [...this.#clearEndsSpeech(), ...this.#sessionSetup.offAndOn(now)];
  }

  /** Queued audio plays on, unless it is silence. */
  #cancelResponse(now) {
    const silent = this.#playback.speaking && !this.#playback.speaks(now);
    return silent ? this.#cancelAndTruncate(now) : [{ type: "response.cancel" }];
  }

  #cancelAndTruncate(now) {
    return [{ type: "response.cancel" }, ...this.#playback.cut(now)];
  }

  /** Renew everything: the capture, an open gate, the output, the session. */
  #renew(now) {
    this.#gate.open();
    this.#playback.ended();
    const message = { command: "tell_user", text: "Something is wrong with the connection; I start anew." };
    const output = [{ command: "stop_playback" }, { command: "resume_playback" }];
    return [message, ...this.#reopenCapture(now), ...output, ...this.#dial(now)];
  }
}

/** Ask for audio if the last reply had no sound. */
function askForResponse(symptom) {
  const spoken = symptom === "reply_silent" ? { response: { output_modalities: ["audio"] } } : {};
  return [{ type: "response.create", ...spoken }];
}

function tellUser(symptom) {
  const words = symptom.startsWith("capture") ? "I cannot hear you" : "you may not hear me";
  return [{ command: "tell_user", text: `Something is wrong with the sound: ${words}.` }];
}
