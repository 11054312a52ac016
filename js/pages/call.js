/**
 * The page over WebRTC: what the gate in the worklet lets pass is sent as a media track, and an `<audio>` plays the
 * assistant. Events travel on the data channel `oai-events`. What was heard is known from `getStats`.
 */

import { encode } from "../kit/events.js";
import { FULL_SCALE, MS } from "../kit/units.js";
import { note } from "./journal.js";
import { Microphone } from "./microphone.js";
import { parsed } from "./socket.js";

const LOOKS_EVERY_MS = 100;
const LOOKS_IN_A_REPORT = 5;
/** The least mean square, relative to full scale, of audio that can be heard: -72 dBFS. */
const AUDIBLE = 10 ** -7.2;

/** `heard` is called with each chunk, `tell` with each server event and signal. */
export class CallTransport {
  #url;
  #key;
  #tell;
  #chunkUs;
  #call = null;
  #track = null;
  #microphone;
  #audio = document.querySelector("#assistant");
  #gated = "";

  constructor({ server, model, key, tell, heard, ...options }) {
    this.#url = `${server.replace(/^ws/, "http")}/v1/realtime/calls?model=${encodeURIComponent(model)}`;
    this.#key = key;
    this.#tell = tell;
    this.#chunkUs = options.settings.chunk_ms * MS;
    this.#microphone = new Microphone(heard, options, true);
  }

  // --- the connection ---

  /** Leave the present call, and make a new one. */
  connect() {
    this.#call?.leave();
    const call = new Call(this.#audio, this.#tell);
    this.#call = call;
    call.setTrack(this.#track);
    call.dial(this.#url, this.#key);
  }

  /** Nothing: the browser checks the path of a call by itself. */
  ping() {}

  /** Send a client event; audio that is sent again goes into the media track. */
  send(event) {
    if (event.type === "input_audio_buffer.append") this.#microphone.post({ again: floatsOf(event.audio) });
    else this.#call?.send(event);
  }

  // --- the devices ---

  /** Open the microphone, or open it again; the call goes on with the new track. */
  async openMicrophone() {
    try {
      const track = await this.#microphone.open();
      if (track === null) return;
      this.#track = track;
      this.#gated = "";
      this.#call?.setTrack(track);
    } catch (error) {
      note("microphone_failed", { error: String(error) });
    }
  }

  /** Nothing: the worklet's output is the media track. */
  sendCaptured() {}

  /** Tell the worklet which level passes. */
  gate(gate, assistantSpeaking) {
    const [listening, speaking] = gate.limits;
    const limit = (assistantSpeaking ? speaking : listening) / FULL_SCALE ** 2;
    const message = { limit, holdChunks: Math.floor(gate.holdUs / this.#chunkUs) };
    if (JSON.stringify(message) === this.#gated) return;
    this.#gated = JSON.stringify(message);
    this.#microphone.post(message);
  }

  /** Nothing: the `<audio>` plays the remote track. */
  play() {}

  /** Nothing: what plays is at the server, which is told by an event. */
  stopPlayback() {}

  /** Resume a suspended output. */
  resumePlayback() {
    this.#audio.play().catch((error) => note("resume_refused", { error: String(error) }));
  }
}

/** One call: its peer connection, its data channel, and what is heard of the remote track. */
class Call {
  #peer = new RTCPeerConnection();
  #channel = this.#peer.createDataChannel("oai-events");
  #sender = this.#peer.addTransceiver("audio", { direction: "sendrecv" }).sender;
  #tell;
  #isOpen = false;
  #isLeft = false;
  #looking = null;
  #counted = new Counted();

  constructor(audio, tell) {
    this.#tell = (message) => {
      if (!this.#isLeft) tell(message);
    };
    this.#channel.onopen = () => this.#opened();
    this.#channel.onmessage = ({ data }) => {
      const event = parsed(data);
      if (event !== null) this.#tell(event);
    };
    this.#channel.onclose = () => {
      note("channel_closed", {});
      if (this.#isOpen) this.#tell({ signal: "channel_closed" });
    };
    this.#peer.onconnectionstatechange = () => this.#stateChanged(this.#peer.connectionState);
    this.#peer.ontrack = ({ track }) => {
      audio.srcObject = new MediaStream([track]);
      audio.play().catch((error) => note("play_refused", { error: String(error) }));
    };
  }

  /** Make the call. */
  async dial(url, key) {
    try {
      await this.#peer.setLocalDescription(await this.#peer.createOffer());
      const answer = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${key}` },
        body: this.#peer.localDescription.sdp,
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${answer.status} ${text}`);
      if (!this.#isLeft) await this.#peer.setRemoteDescription({ type: "answer", sdp: text });
    } catch (error) {
      note("call_failed", { error: String(error) });
      this.#tell({ signal: "dial_failed", reason: String(error) });
    }
  }

  setTrack(track) {
    this.#sender.replaceTrack(track).catch((error) => note("track_refused", { error: String(error) }));
  }

  send(event) {
    if (this.#channel.readyState === "open") this.#channel.send(encode(event));
  }

  /** Hang up, and tell nothing any more. */
  leave() {
    this.#isLeft = true;
    clearInterval(this.#looking);
    this.#peer.close();
  }

  #opened() {
    this.#isOpen = true;
    this.#tell({ signal: "opened", transport: "webrtc" });
    this.#looking = setInterval(async () => {
      const report = this.#counted.look(await this.#peer.getStats());
      if (report !== null) this.#tell({ signal: "media_report", ...report });
    }, LOOKS_EVERY_MS);
  }

  #stateChanged(state) {
    note("peer_connection", { state });
    if (state === "failed" && !this.#isOpen) this.#tell({ signal: "dial_failed", reason: "the connection failed" });
    else if (["connected", "disconnected", "failed"].includes(state)) this.#tell({ signal: "call_state", state });
  }
}

/** What the browser has counted of the assistant's audio. */
class Counted {
  #last = { packetsReceived: 0, totalAudioEnergy: 0, totalSamplesDuration: 0 };
  #looks = 0;
  #packets = 0;
  #audibleMs = 0;

  /** The browser's statistics now; every fifth time gives a report of what came since the last. */
  look(statistics) {
    const now = [...statistics.values()].find((each) => each.type === "inbound-rtp" && each.kind === "audio");
    if (now !== undefined) {
      const seconds = now.totalSamplesDuration - this.#last.totalSamplesDuration;
      this.#packets += now.packetsReceived - this.#last.packetsReceived;
      if (now.totalAudioEnergy - this.#last.totalAudioEnergy > AUDIBLE * seconds) this.#audibleMs += seconds * 1000;
      this.#last = now;
    }
    if (++this.#looks % LOOKS_IN_A_REPORT) return null;
    const report = { packets: this.#packets, audible_ms: Math.round(this.#audibleMs) };
    this.#packets = this.#audibleMs = 0;
    return report;
  }
}

/** PCM as an AudioWorklet has samples, from -1 to 1. */
function floatsOf(pcm) {
  const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  return Float32Array.from({ length: pcm.byteLength >> 1 }, (_, at) => view.getInt16(2 * at, true) / FULL_SCALE);
}
