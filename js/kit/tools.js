/**
 * Function calls of the assistant: each gets one output after its response has ended, and then a response is asked for.
 *
 * Nothing is spoken after a call until the client asks (documented). The tool itself is a fixed small result.
 */

import { pushLatest } from "./units.js";

const RESULT = '{"ok": true}';
/** So many calls that were answered are remembered: a repeated event about one is not answered again. */
const ANSWERED_COUNT = 64;

/** What it returns is to be sent before what `requests` has due. */
export class ToolCalls {
  #requests;
  /** The call ids that await the end of their response, with its id. */
  #waiting;
  #answered;

  constructor(requests) {
    this.#requests = requests;
    this.beginSession();
  }

  /** Calls of an earlier session are not known to the new one. */
  beginSession() {
    this.#waiting = new Map();
    this.#answered = [];
  }

  /** The arguments of a call are complete, unless its item turns out to be incomplete. */
  called(responseId, callId) {
    if (!this.#answered.includes(callId)) this.#waiting.set(callId, responseId);
  }

  /** An item of a response ended; a call that was cut off gets no output. */
  itemDone(responseId, item) {
    if (item.type !== "function_call" || typeof item.call_id !== "string") return;
    if (item.status === "incomplete") this.#waiting.delete(item.call_id);
    else this.called(responseId, item.call_id);
  }

  /** Another response is under way, so those before it have ended, even if `response.done` was lost. */
  responseCreated(responseId) {
    return this.#answer(this.#callsWhere((of) => of !== responseId));
  }

  /** The response ended. After a cancelled one no response is asked for: the user or the client goes on. */
  responseDone(response) {
    for (const item of response.output ?? []) this.itemDone(response.id, item);
    return this.#answer(this.#callsWhere((of) => of === response.id), response.status !== "cancelled");
  }

  /** The server says that no response is under way. */
  noneActive() {
    return this.#answer([...this.#waiting.keys()]);
  }

  #callsWhere(matches) {
    return [...this.#waiting].filter(([, response]) => matches(response)).map(([call]) => call);
  }

  #answer(calls, asks = true) {
    for (const call of calls) {
      this.#waiting.delete(call);
      pushLatest(this.#answered, call, ANSWERED_COUNT);
    }
    if (calls.length && asks) this.#requests.owe();
    return calls.map((call) => ({
      type: "conversation.item.create",
      item: { type: "function_call_output", call_id: call, output: RESULT },
    }));
  }
}
