/** What is sent to a new session, which begins empty: the turns so far as items, and unanswered speech as audio. */

import { MS, pushLatest, SECOND } from "./units.js";

/** The text of a user turn: the client does not know its words. */
const NO_TRANSCRIPT = "(spoken, without transcript)";
const MOST_TURNS = 50;
/** A voice is recognised only after some of it, so this much audio before it is kept too. */
const BEFORE_US = 1_200 * MS;
/** This much audio after a voice is kept: its quiet ends the turn on the server. */
const AFTER_US = 1_000 * MS;
/** Of longer speech only the end is kept. */
const LONGEST_US = 20 * SECOND;
/** Speech that was sent again so often without an answer may not be speech. */
const MOST_TRIES = 3;

/** The turns so far, in order; the latest 50. */
export class ConversationHistory {
  #turns = new Map();

  /** A user turn was committed. */
  user(itemId) {
    this.#remember(itemId, "user", NO_TRANSCRIPT);
  }

  /** An assistant turn ended with these words. */
  assistant(itemId, transcript) {
    this.#remember(itemId, "assistant", transcript);
  }

  /** The events that add the turns to a new session; leave out a last user turn whose audio is sent again. */
  replay(withoutLastUserTurn = false) {
    const turns = [...this.#turns.values()];
    if (withoutLastUserTurn && turns.at(-1)?.role === "user") turns.pop();
    return turns.map(({ role, text }) => ({ type: "conversation.item.create", item: message(role, text) }));
  }

  #remember(itemId, role, text) {
    this.#turns.set(itemId, { role, text });
    while (this.#turns.size > MOST_TURNS) this.#turns.delete(this.#turns.keys().next().value);
  }
}

/** The captured chunks of voices that were not answered yet, with what is around them, as before the gate. */
export class UnansweredSpeech {
  #around = [];
  #kept = [];
  #mostAround;
  #mostKept;
  #after;
  #more = 0;
  #tries = 0;

  constructor(settings) {
    const chunkUs = settings.chunk_ms * MS;
    this.#mostAround = Math.max(1, Math.floor(BEFORE_US / chunkUs));
    this.#mostKept = Math.max(1, Math.floor(LONGEST_US / chunkUs));
    this.#after = Math.floor(AFTER_US / chunkUs);
  }

  /** A chunk was captured. */
  chunk(pcm, voiced) {
    if (voiced) {
      for (const each of this.#around) pushLatest(this.#kept, each, this.#mostKept);
      this.#around = [];
      if (this.#more === 0) this.#tries = 0;
      this.#more = this.#after;
    }
    if (voiced || this.#more > 0) {
      if (!voiced) this.#more -= 1;
      pushLatest(this.#kept, pcm, this.#mostKept);
    } else {
      pushLatest(this.#around, pcm, this.#mostAround);
    }
  }

  /** Assistant audio arrived: the speech was received, so it is dropped. */
  answered() {
    this.#kept = [];
  }

  /** Whether there is speech to send again. */
  get isWaiting() {
    return this.#kept.length > 0 && this.#tries < MOST_TRIES;
  }

  /** PCM (int16, mono, 24 kHz) to send again, from before the first voice to the quiet after the last. */
  take() {
    this.#tries += 1;
    const joined = new Uint8Array(this.#kept.reduce((sum, piece) => sum + piece.byteLength, 0));
    let at = 0;
    for (const piece of this.#kept) {
      joined.set(piece, at);
      at += piece.byteLength;
    }
    return joined;
  }
}

function message(role, text) {
  const type = role === "user" ? "input_text" : "output_text";
  return { type: "message", role, content: [{ type, text }] };
}
