/** A voice client made of the kit's parts, as its settings say. */

import { Redial } from "./connection.js";
import { fromBase64, isReadable } from "./events.js";
import { FarEnd } from "./far_end.js";
import { FirstChunkLog, Gate } from "./gate.js";
import { Interruption, Watchdog } from "./interruption.js";
import { PlaybackMeter } from "./playback.js";
import { RecoverySupervisor } from "./recovery/supervisor.js";
import { ConversationHistory, UnansweredSpeech } from "./replay.js";
import { ResponseRequests } from "./requests.js";
import { ClientSessionSetup } from "./session_setup.js";
import { ToolCalls } from "./tools.js";
import { SAMPLE_RATE_HZ, SECOND } from "./units.js";

/**
 * Hands each chunk, event and signal to the parts that it concerns. It reads no clock and does no I/O.
 *
 * `hear`, `receive` and `wake` return commands, to be executed in order:
 * client events, which have a `type` (`encode` makes their text), and
 * `{command: "connect" | "ping" | "stop_playback" | "reopen_capture" | "resume_playback"}`,
 * `{command: "play", audio, item_id, response_id}` with PCM as a Uint8Array,
 * `{command: "log", kind, fields}` and `{command: "tell_user", text}`.
 * `now` is the time in whole microseconds; it must not go back. The first connection is dialled by the page.
 */
export class VoiceClient {
  #unanswered;
  #greets;
  #signals;
  #events;

  constructor(settings) {
    this.settings = settings;
    this.gate = new Gate(settings);
    this.interruption = new Interruption(settings);
    this.firstChunk = new FirstChunkLog();
    this.watchdog = new Watchdog(settings.watchdog_ms);
    this.playback = new PlaybackMeter();
    this.history = new ConversationHistory();
    this.redial = new Redial(settings);
    this.sessionSetup = new ClientSessionSetup(settings);
    this.requests = new ResponseRequests();
    this.tools = new ToolCalls(this.requests);
    this.connected = false;
    /** What is known of a call, while the connection is one; null: it is a WebSocket. */
    this.farEnd = null;
    this.#unanswered = new UnansweredSpeech(settings);
    this.#greets = settings.greets === "once";
    const dial = (now) => this.#dial(now);
    this.supervisor =
      settings.recovery === "off"
        ? null
        : new RecoverySupervisor(settings, this.gate, this.playback, this.sessionSetup, dial);
    this.#signals = new Map(Object.entries(this.#signalHandlers()));
    this.#events = new Map(Object.entries(this.#eventHandlers()));
  }

  // --- the four methods ---

  /** Gate a `Chunk` and append it; the health check runs here if the wake-up for it is overdue. */
  hear(chunk, now) {
    const { energy, size } = chunk;
    const speaking = this.playback.speaks(now);
    if (speaking) this.interruption.chunk(energy, size, now);
    const passed = this.gate.passes(energy, size, speaking, now);
    const commands = [];
    if (this.supervisor !== null) {
      const durationUs = Math.floor((size * SECOND) / SAMPLE_RATE_HZ);
      const voiced = this.supervisor.chunk(chunk, durationUs, passed, speaking, now);
      if (this.supervisor.strategy.resendsSpeech) this.#unanswered.chunk(chunk.pcm, voiced);
      if (this.supervisor.isOverdue(now)) commands.push(...this.wake(now));
    }
    if (this.firstChunk.waiting) {
      const line = this.firstChunk.chunk(chunk.peak, size);
      if (line !== null) commands.push({ command: "log", kind: "first_chunk", fields: { line } });
    }
    if (this.connected && (passed || !this.gate.skips)) {
      const audio = passed ? chunk.pcm : new Uint8Array(2 * size);
      commands.push({ type: "input_audio_buffer.append", audio });
    }
    return commands;
  }

  /**
   * Act on a server event, as parsed from its JSON, or on a signal; unknown ones are ignored.
   *
   * Signals: `{signal: "opened", transport: "websocket" | "webrtc"}`, `{signal: "closed", code, reason}`,
   * `{signal: "dial_failed", reason}`, `{signal: "app_state", foreground}`, `{signal: "pong" | "playback_ended"}`; and
   * of a call `{signal: "call_state", state}` (`disconnected`, `failed` or `connected`), `{signal: "channel_closed"}`
   * and, twice a second, `{signal: "media_report", packets, audible_ms}`: what arrived and can be heard since the last.
   */
  receive(event, now) {
    const handler = event.type === undefined ? this.#signals.get(event.signal) : this.#events.get(event.type);
    return handler !== undefined && isReadable(event) ? handler(event, now) : [];
  }

  /** Watchdog, redial, pings and the health check. */
  wake(now) {
    const commands = [];
    if (this.watchdog.fires(now)) {
      commands.push({ command: "log", kind: "watchdog", fields: { sends: "input_audio_buffer.clear" } });
      commands.push({ type: "input_audio_buffer.clear" });
    }
    if (this.redial.due !== null && now >= this.redial.due) commands.push(...this.#dial(now));
    if (this.supervisor?.isDue(now)) commands.push(...this.#check(this.supervisor, now));
    return commands;
  }

  /** When `wake` is wanted, in microseconds; null: it is not. Ask after each call of the other three. */
  nextWake() {
    const due = [this.supervisor?.nextCheck ?? null, this.watchdog.due, this.redial.due].filter((at) => at !== null);
    return due.length ? Math.min(...due) : null;
  }

  #check(supervisor, now) {
    const late = supervisor.beginCheck(now);
    if (!this.connected) return this.redial.isOverdue(now) ? this.#dialFailed(now) : [];
    if (this.sessionSetup.isOverdue(now)) return this.#beginSession(now);
    if (supervisor.isSteady(now)) this.redial.succeeded();
    const commands = this.sessionSetup.due(now);
    return late ? commands : [...commands, ...supervisor.treat(now)];
  }

  // --- the connection ---

  #signalHandlers() {
    return {
      opened: ({ transport }, now) => this.#opened(transport === "webrtc", now),
      closed: (_, now) => this.#closed(now),
      dial_failed: (_, now) => this.#dialFailed(now),
      pong: () => (this.supervisor?.heartbeat.pong(), []),
      channel_closed: (_, now) => this.#closed(now),
      call_state: ({ state }, now) => this.#callState(state, now),
      media_report: ({ audible_ms }, now) => this.#mediaReport(audible_ms, now),
      app_state: ({ foreground }) => this.#appState(foreground),
      playback_ended: (_, now) => this.#playbackEnded(now),
    };
  }

  #opened(isCall, now) {
    this.connected = true;
    this.farEnd = isCall ? new FarEnd(this.playback) : null;
    this.sessionSetup.opened(now);
    this.firstChunk.listen();
    if (this.supervisor === null) {
      this.redial.succeeded();
    } else {
      this.redial.opened();
      this.supervisor.opened(now, !isCall);
    }
    return [];
  }

  #sessionCreated(session, now) {
    this.farEnd?.session(session);
    return this.sessionSetup.hasBegun ? [] : this.#beginSession(now);
  }

  /** Send the client's own settings, then the turns so far, then the speech that was not answered. */
  #beginSession(now) {
    const commands = this.sessionSetup.begin(now);
    if (this.#greets) {
      this.#greets = false;
      return [...commands, ...this.#request(this.requests.ask(), now)];
    }
    if (!this.supervisor?.strategy.replaysHistory) return commands;
    return [...commands, ...this.history.replay(this.#unanswered.isWaiting), ...this.#resend(now)];
  }

  /** Send unanswered speech again, if the strategy keeps it. */
  #resend(now) {
    if (!this.#unanswered.isWaiting) return [];
    this.supervisor.health.resent(now);
    return [{ type: "input_audio_buffer.append", audio: this.#unanswered.take() }];
  }

  #closed(now) {
    this.#lost();
    this.redial.failed(now);
    return [];
  }

  #dialFailed(now) {
    this.#lost();
    this.redial.failed(now);
    const { failures } = this.redial;
    if (this.supervisor === null || failures % 4) return [];
    const text = `I cannot reach the assistant; I keep trying (${failures} attempts so far).`;
    return [{ command: "tell_user", text }];
  }

  #dial(now) {
    this.#lost();
    this.redial.dialled(now);
    return [{ command: "connect" }];
  }

  #lost() {
    this.connected = false;
    this.watchdog.disarm();
    this.requests.beginSession();
    this.tools.beginSession();
    this.supervisor?.lost();
  }

  /** A call that has failed is as good as closed; one that is disconnected may come back. */
  #callState(state, now) {
    if (state === "failed") return this.connected ? this.#closed(now) : [];
    if (state === "disconnected") this.supervisor?.heartbeat.missed(now);
    else this.supervisor?.heartbeat.pong();
    return [];
  }

  #error({ error }, now) {
    const code = error.code ?? null;
    if (this.supervisor !== null) {
      if (code === "session_expired") return this.#dial(now);
      this.supervisor.refused(code, now);
    }
    const outputs = code === "response_cancel_not_active" ? this.tools.noneActive() : [];
    return [...outputs, ...this.#request(this.requests.refused(code, error.event_id ?? null), now)];
  }

  #appState(foreground) {
    if (!foreground) return [];
    this.firstChunk.listen();
    if (this.supervisor === null) return [];
    this.supervisor.capture.returned();
    return this.supervisor.strategy.resumesPlayback ? [{ command: "resume_playback" }] : [];
  }

  #eventHandlers() {
    return {
      error: (event, now) => this.#error(event, now),
      "session.created": ({ session }, now) => this.#sessionCreated(session, now),
      "session.updated": ({ session }) => (this.sessionSetup.updated(session), this.farEnd?.session(session), []),
      "input_audio_buffer.speech_started": ({ item_id }, now) => this.#speechStarted(item_id, now),
      "input_audio_buffer.speech_stopped": ({ item_id }, now) => this.#speechStopped(item_id, now),
      "input_audio_buffer.committed": ({ item_id }, now) => this.#committed(item_id, now),
      "input_audio_buffer.cleared": (_, now) => this.#cleared(now),
      "input_audio_buffer.timeout_triggered": ({ item_id }) =>
        (this.supervisor?.health.prompts.triggered(item_id), []),
      "response.created": ({ response }, now) => this.#responseCreated(response.id, now),
      "response.output_audio.delta": (event, now) => this.#audio(event, now),
      "response.output_audio.done": ({ response_id }) => (this.farEnd?.hasAudio(response_id), []),
      "output_audio_buffer.started": ({ response_id }, now) => (this.farEnd?.started(response_id, now), []),
      "output_audio_buffer.stopped": ({ response_id }, now) => this.#farEndStops(response_id, now),
      "output_audio_buffer.cleared": ({ response_id }, now) => this.#farEndStops(response_id, now),
      "response.output_audio_transcript.done": ({ item_id, transcript }) =>
        (this.history.assistant(item_id, transcript), []),
      "response.output_text.done": ({ item_id, text }) => (this.history.assistant(item_id, text), []),
      "response.function_call_arguments.done": ({ response_id, call_id }) =>
        (this.tools.called(response_id, call_id), []),
      "response.output_item.done": ({ response_id, item }) => (this.tools.itemDone(response_id, item), []),
      "response.done": ({ response }, now) => this.#responseDone(response, now),
    };
  }

  // --- the user's turn ---

  #speechStarted(itemId, now) {
    this.watchdog.arm(now);
    this.requests.speechStarted(itemId);
    this.supervisor?.health.speechStarted(itemId, now);
    if (!this.interruption.isOne(now) || this.farEnd?.serverInterrupts) return [];
    const cut = this.playback.cut(now);
    const cancels = cut.length > 0 && this.farEnd !== null && this.requests.active !== null;
    return cancels ? [{ type: "response.cancel" }, ...cut] : cut;
  }

  #speechStopped(itemId, now) {
    this.watchdog.disarm();
    this.requests.speechEnded(itemId);
    this.supervisor?.health.speechEnded(itemId, now);
    return [];
  }

  #committed(itemId, now) {
    this.requests.speechEnded(itemId);
    if (this.supervisor === null || this.supervisor.health.committed(itemId, now)) this.history.user(itemId);
    return [];
  }

  #cleared(now) {
    const commands = this.#request(this.requests.speechDropped(), now);
    if (!this.supervisor?.cleared(now)) return commands;
    this.watchdog.disarm();
    return [...commands, ...this.#resend(now)];
  }

  // --- the assistant's turn ---

  #responseCreated(responseId, now) {
    const outputs = this.tools.responseCreated(responseId);
    this.requests.responseCreated(responseId);
    this.supervisor?.health.responseCreated(responseId, now);
    return outputs;
  }

  #audio(event, now) {
    const { item_id, response_id } = event;
    const audio = fromBase64(event.delta);
    if (audio === null) return [];
    const audible = this.supervisor === null || this.supervisor.audio(response_id, audio, now);
    const isPrompt = this.supervisor !== null && this.supervisor.health.prompts.has(response_id);
    if (audible && !isPrompt) this.#unanswered.answered();
    if (!this.playback.accept(item_id, audio, now, audible)) return [];
    return [{ command: "play", audio, item_id, response_id }];
  }

  #farEndStops(responseId, now) {
    if (this.farEnd === null) return [];
    this.farEnd.stopped(responseId);
    return this.#playbackEnded(now);
  }

  #mediaReport(audibleMs, now) {
    if (this.farEnd === null) return [];
    const { heard, over } = this.farEnd.report(audibleMs, now);
    if (heard !== null) {
      this.supervisor?.heard(heard, now);
      if (!this.supervisor?.health.prompts.has(heard)) this.#unanswered.answered();
    }
    for (const response of over) this.#responseEnded(response);
    return [];
  }

  #responseDone(response, now) {
    if (!this.farEnd?.awaits(response)) this.#responseEnded(response);
    const outputs = this.tools.responseDone(response);
    return [...outputs, ...this.#request(this.requests.responseDone(response.id), now)];
  }

  /** All of a response has arrived: it was heard, or it had no sound. */
  #responseEnded(response) {
    const calls = (response.output ?? []).some((item) => item.type !== "message");
    this.supervisor?.health.responseDone(response.id, response.status, calls);
  }

  /** Send the client's own request, if there is one, and wait for its response as for that of a turn. */
  #request(requests, now) {
    if (requests.length) this.supervisor?.health.asked(now);
    return requests;
  }

  #playbackEnded(now) {
    this.playback.ended();
    this.firstChunk.listen();
    this.supervisor?.played(now);
    return [];
  }
}
