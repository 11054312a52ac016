/**
 * The client's own requests for a response: sent only while no response is under way and the user does not speak.
 *
 * A session has one response at a time, and the server starts one by itself after the user's turn. A request that is
 * refused for that reason is sent again after the next `response.done`, or at once if that came before the refusal.
 */

import { pushLatest } from "./units.js";

/** So many turns and responses that ended are remembered: later events about them are late or repeated. */
const ENDED_COUNT = 64;

/** What it returns is to be sent; it is empty if the request has to wait. */
export class ResponseRequests {
  #sent = 0;
  #owed;
  /** The `event_id` of the request that awaits its `response.created`. */
  #unanswered;
  /** That of the last request, which may be refused after a `response.created` that was not for it. */
  #latest;
  /** Whether a response ended since that request was sent. */
  #endedSince;
  #busy;
  #speaking;
  #over;
  /** The response under way, if its `response.created` arrived. */
  active;

  constructor() {
    this.beginSession();
  }

  /** Nothing is under way in a new session, and nothing is owed to it. */
  beginSession() {
    this.active = this.#unanswered = this.#latest = this.#speaking = null;
    this.#owed = this.#endedSince = this.#busy = false;
    this.#over = [];
  }

  /** Whether a response is under way or was asked for. */
  get underWay() {
    return this.#busy || this.#unanswered !== null;
  }

  // --- what the client wants ---

  /** A response is wanted; what is called next sends the request, once nothing is in its way. */
  owe() {
    this.#owed = true;
  }

  /** A response is wanted now; a request before it that found no response is given up. */
  ask() {
    this.#owed = true;
    this.#unanswered = null;
    return this.due();
  }

  /** The request that is owed, if nothing is in its way. */
  due() {
    if (!this.#owed || this.underWay || this.#speaking !== null) return [];
    this.#sent += 1;
    this.#owed = this.#endedSince = false;
    this.#unanswered = this.#latest = `request_${this.#sent}`;
    return [{ type: "response.create", event_id: this.#unanswered }];
  }

  // --- what happens ---

  /** The user speaks: a response now would leave this turn without one. */
  speechStarted(itemId) {
    if (!this.#over.includes(itemId)) this.#speaking = itemId;
  }

  /** The user's turn ended; the server answers it by itself, so nothing is due before the end of that response. */
  speechEnded(itemId) {
    pushLatest(this.#over, itemId, ENDED_COUNT);
    if (this.#speaking === itemId) this.#speaking = null;
  }

  /** The user's speech was cleared, so no response to it will come. */
  speechDropped() {
    this.#speaking = null;
    return this.due();
  }

  /** `response.created` arrived. */
  responseCreated(responseId) {
    if (this.#over.includes(responseId)) return;
    this.active = responseId;
    this.#busy = true;
    this.#unanswered = null;
  }

  /** `response.done` arrived. */
  responseDone(responseId) {
    pushLatest(this.#over, responseId, ENDED_COUNT);
    this.#endedSince = true;
    if (this.active === null || this.active === responseId) this.#none();
    return this.due();
  }

  /** An `error` event arrived; `eventId`: that of the event it refuses. */
  refused(code, eventId) {
    if (code === "response_cancel_not_active") {
      this.#none();
      return this.due();
    }
    if (eventId !== null && eventId === this.#unanswered) this.#unanswered = null;
    if (this.#latest !== null && eventId === this.#latest) {
      this.#latest = null;
      if (code === "conversation_already_has_active_response") {
        this.#owed = true;
        this.#busy ||= !this.#endedSince; // the response in its way may have ended already
        return this.due();
      }
    }
    return [];
  }

  #none() {
    this.active = null;
    this.#busy = false;
  }
}
