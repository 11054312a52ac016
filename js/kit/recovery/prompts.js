/**
 * Idle prompts: what the assistant says because nobody spoke for `idle_timeout_ms` (documented). No answer to anyone.
 *
 * A prompt begins with `input_audio_buffer.timeout_triggered`; its empty item is committed, and a response to it
 * begins.
 */

/** The prompts of one session. */
export class IdlePrompts {
  #items = new Set();
  #responses = new Set();
  /** Whether the next response is a prompt. */
  #awaited = false;

  /** `timeout_triggered` arrived. */
  triggered(itemId) {
    this.#items.add(itemId);
    this.#awaited = true;
  }

  /** An item was committed; returns whether it is a prompt's. If it is not, the next response answers the user. */
  committed(itemId) {
    const isPrompt = this.#items.has(itemId);
    this.#awaited = this.#awaited && isPrompt;
    return isPrompt;
  }

  /** A response began. */
  responseCreated(responseId) {
    if (!this.#awaited) return;
    this.#responses.add(responseId);
    this.#awaited = false;
  }

  /** Whether this response is a prompt. */
  has(responseId) {
    return this.#responses.has(responseId);
  }
}
