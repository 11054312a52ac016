/** The page over a WebSocket: it sends the chunks that the kit appends, and plays the audio that arrives. */

import { encode } from "../kit/events.js";
import { Microphone } from "./microphone.js";
import { note } from "./journal.js";
import { Speaker } from "./speaker.js";

const PING = { type: "session.update", session: { type: "realtime" } };

/** `heard` is called with each chunk, `tell` with each server event and signal. */
export class SocketTransport {
  #url;
  #key;
  #tell;
  #socket = null;
  #awaitsPong = false;
  #microphone;
  #speaker;

  constructor({ server, model, key, tell, heard, ...options }) {
    this.#url = `${server}/v1/realtime?model=${encodeURIComponent(model)}`;
    this.#key = key;
    this.#tell = tell;
    this.#microphone = new Microphone(heard, options);
    this.#speaker = new Speaker(() => tell({ signal: "playback_ended" }));
  }

  // --- the connection ---

  /** Leave the present connection, and dial a new one. A browser cannot send headers: the key is a subprotocol. */
  connect() {
    this.#leave();
    const socket = new WebSocket(this.#url, ["realtime", `openai-insecure-api-key.${this.#key}`]);
    this.#socket = socket;
    let isOpen = false;
    socket.onopen = () => {
      isOpen = true;
      this.#tell({ signal: "opened", transport: "websocket" });
    };
    socket.onmessage = ({ data }) => this.#received(data);
    socket.onclose = ({ code, reason }) => {
      note("socket_closed", { code, reason });
      this.#socket = null;
      this.#tell(isOpen ? { signal: "closed", code, reason } : { signal: "dial_failed", reason: `closed ${code}` });
    };
  }

  /**
   * Ask for a sign of life. A browser cannot send a WebSocket's own ping, so the page changes nothing of the session,
   * which is confirmed; whatever arrives afterwards counts as the pong.
   */
  ping() {
    this.#awaitsPong = true;
    this.send(PING);
  }

  /** Send a client event; without a connection it is dropped. */
  send(event) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(encode(event));
  }

  #received(data) {
    if (this.#awaitsPong) {
      this.#awaitsPong = false;
      this.#tell({ signal: "pong" });
    }
    const event = parsed(data);
    if (event !== null) this.#tell(event);
  }

  #leave() {
    this.#awaitsPong = false;
    if (this.#socket === null) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  // --- the devices ---

  /** Open the microphone, or open it again. */
  async openMicrophone() {
    try {
      await this.#microphone.open();
    } catch (error) {
      note("microphone_failed", { error: String(error) });
    }
  }

  /** Send what the kit appends for a captured chunk. */
  sendCaptured(append) {
    this.send(append);
  }

  /** Nothing: the kit gates what is sent. */
  gate() {}

  /** Play PCM. */
  play(audio) {
    this.#speaker.play(audio);
  }

  /** Stop what plays. */
  stopPlayback() {
    this.#speaker.stop();
  }

  /** Resume a suspended output. */
  resumePlayback() {
    this.#speaker.resume();
  }
}

/** A server event of its JSON; null: it is none. */
export function parsed(data) {
  try {
    const event = JSON.parse(data);
    return typeof event?.type === "string" ? event : null;
  } catch {
    return null;
  }
}
