/**
 * A voice client in a browser: microphone, kit, connection and speaker, as the page's address says.
 *
 * `client`: reported, development or resilient. `transport`: websocket or webrtc. `start=click`: wait for the button.
 * `server`: where the service is, such as ws://127.0.0.1:8765. `model`, `key`. `apm=1`: echo cancellation, noise
 * suppression and gain control. `source=local`: keep no reference to the source node, which is a mistake (README.md).
 * Any setting of the kit by its name, such as `gate_threshold=0.02`.
 */

import { referenceClient, settingsFromQuery } from "../kit/index.js";
import { CallTransport } from "./call.js";
import { Levels, note } from "./journal.js";
import { SocketTransport } from "./socket.js";

const query = new URLSearchParams(location.search);
const options = {
  client: query.get("client") ?? "resilient",
  transport: query.get("transport") ?? "websocket",
  server: query.get("server") ?? "wss://api.openai.com",
  model: query.get("model") ?? "gpt-realtime",
  key: query.get("key") ?? "sk-test",
  processing: query.get("apm") === "1",
  keepsSource: query.get("source") !== "local",
};

const TRANSPORTS = { websocket: SocketTransport, webrtc: CallTransport };

/** Drives one client of the kit: the clock, the wake-ups, and the commands. */
class Page {
  #client = referenceClient(options.client, settingsFromQuery(query));
  #began = performance.now();
  #timer = null;
  #levels = new Levels();
  #transport;

  constructor() {
    const Transport = TRANSPORTS[options.transport];
    if (Transport === undefined) throw new RangeError(`no transport is called '${options.transport}'`);
    this.#transport = new Transport({
      ...options,
      settings: this.#client.settings,
      heard: (chunk) => this.#heard(chunk),
      tell: (message) => this.#act(this.#client.receive(message, this.#now())),
    });
    document.addEventListener("visibilitychange", () => {
      this.#act(this.#client.receive({ signal: "app_state", foreground: !document.hidden }, this.#now()));
    });
  }

  async start() {
    this.#transport.connect();
    this.#schedule();
    await this.#transport.openMicrophone();
  }

  #now() {
    return Math.round((performance.now() - this.#began) * 1000);
  }

  #heard(chunk) {
    const now = this.#now();
    const commands = this.#client.hear(chunk, now);
    const append = commands.at(-1)?.type === "input_audio_buffer.append" ? commands.pop() : null;
    this.#act(commands);
    if (append !== null) this.#transport.sendCaptured(append);
    this.#transport.gate(this.#client.gate, this.#client.playback.speaks(now));
    this.#levels.chunk(chunk, append?.audio ?? null, this.#client.playback.speaks(now));
  }

  #act(commands) {
    for (const command of commands) this.#execute(command);
    this.#schedule();
  }

  #execute(command) {
    if (command.type !== undefined) return this.#transport.send(command);
    switch (command.command) {
      case "connect": return this.#transport.connect();
      case "ping": return this.#transport.ping();
      case "play": return this.#transport.play(command.audio);
      case "stop_playback": return this.#transport.stopPlayback();
      case "resume_playback": return this.#transport.resumePlayback();
      case "reopen_capture": return this.#transport.openMicrophone();
      case "log": return note(command.kind, command.fields);
      default: return tellUser(command.text);
    }
  }

  #schedule() {
    clearTimeout(this.#timer);
    const wake = this.#client.nextWake();
    if (wake === null) return;
    const inMs = Math.max(0, (wake - this.#now()) / 1000);
    this.#timer = setTimeout(() => this.#act(this.#client.wake(this.#now())), inMs);
  }
}

function tellUser(text) {
  document.querySelector("#message").textContent = text;
  note("tell_user", { text });
}

async function start() {
  button.disabled = true;
  const state = document.querySelector("#state");
  try {
    await new Page().start();
    state.textContent = `${options.client} over ${options.transport}`;
  } catch (error) {
    state.textContent = String(error);
    button.disabled = false;
    throw error;
  }
}

const button = document.querySelector("#start");
button.addEventListener("click", start);
if (query.get("start") === "click") button.disabled = false;
else start();
