// @livekit/agents and its openai plugin: an `AgentSession` whose audio goes to a microphone and a speaker of ours.
//
// No room is joined. The speaker tells the session how far it has played, and from that the plugin truncates.

import { ReadableStream } from 'node:stream/web';

import { initializeLogger, voice } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import { AudioFrame } from '@livekit/rtc-node';

import { Devices, dials, told } from './devices.mjs';

const RATE_HZ = 24000;

initializeLogger({ pretty: false, level: 'warn' });

let controller;
const frames = new ReadableStream({
  start(made) {
    controller = made;
  },
});
const devices = new Devices((pcm) => {
  const samples = new Int16Array(new Uint8Array(pcm).buffer);
  controller.enqueue(new AudioFrame(samples, RATE_HZ, 1, samples.length));
});

class Microphone extends voice.AudioInput {
  constructor() {
    super();
    this.multiStream.addInputStream(frames);
  }
}

class Speaker extends voice.AudioOutput {
  #segmentMs = 0;

  constructor() {
    super(RATE_HZ, undefined, { pause: false });
    devices.onDrained = () => this.#end(this.#segmentMs, false);
  }

  async captureFrame(frame) {
    await super.captureFrame(frame);
    if (this.#segmentMs === 0) this.onPlaybackStarted(Date.now());
    this.#segmentMs += (frame.samplesPerChannel / RATE_HZ) * 1000;
    devices.play(Buffer.from(frame.data.buffer, frame.data.byteOffset, frame.data.byteLength), 'segment');
  }

  flush() {
    super.flush();
    devices.flushed = true;
  }

  clearBuffer() {
    const playing = devices.stop();
    if (this.#segmentMs > 0) this.#end(playing?.playedMs ?? this.#segmentMs, true);
  }

  #end(playedMs, interrupted) {
    if (this.#segmentMs === 0) return;
    this.#segmentMs = 0;
    devices.ends();
    this.onPlaybackFinished({ playbackPosition: playedMs / 1000, interrupted });
  }
}

const session = new voice.AgentSession({ llm: new openai.realtime.RealtimeModel({ model: 'gpt-realtime' }) });
session.on(voice.AgentSessionEventTypes.Error, ({ error }) => {
  told(`event error (recoverable=${error?.recoverable}): ${error?.error?.message ?? error?.message ?? error}`);
});
session.on(voice.AgentSessionEventTypes.Close, ({ reason }) => told(`event close: ${reason}`));
session.on(voice.AgentSessionEventTypes.UserStateChanged, ({ newState }) => {
  if (newState === 'away') told('event user_state_changed: away');
});
session.input.audio = new Microphone();
session.output.audio = new Speaker();

dials();
await session.start({ agent: new voice.Agent({ instructions: 'Be brief.' }) });
