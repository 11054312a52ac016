// Runs an AudioWorklet file without a browser, in lock step with the program at the other end of the two pipes.
//
// A frame is 8 bytes (length of its body: uint32, little-endian; kind: one letter; 3 unused), then the body.
//   in:  l load (JSON) · p probe (float32) · a audio (float32) · s the assistant speaks (a byte) · g open the gate
//   out: one for each l, p and a: r result (JSON) · a sections · e error (JSON)
// A section is framed like that too, and filled up to a multiple of 4: f or i are samples (float32, int16), and j is
// what was written to the console (JSON).

import { readSync, writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Buffer, PARTS, process, seen, setImmediate, URL } from './host.mjs';
import { audioIn, shapeOf } from './audio.mjs';
import { Scope } from './scope.mjs';
import { describe, placed, WorkletError } from './errors.mjs';

const SERVICE_RATE = 24000;
const MOST_LINES = 100; // of the console, in a run
const FEWEST = 0.25; // of the samples of a voice: who posts fewer does not post audio
const MOST = 1.25;
const pause = new Int32Array(new SharedArrayBuffer(4));
const watchdog = new Worker(new URL('./watchdog.mjs', import.meta.url), {
  workerData: { seen, parts: PARTS },
  stdout: true, // else Node opens our own as a stream, which makes the pipe non-blocking
  stderr: true,
});
watchdog.unref();

let asked = null; // what was to be loaded
let running = null; // the scope that hears what is captured, and what it sends
let failed = null; // an error of a frame without an answer
let lines = [];
let told = 0;

const note = (kind, values) => {
  if (told++ < MOST_LINES) lines.push(values.map((each) => (typeof each === 'string' ? each : inspect(each))).join(' '));
};
process.on('unhandledRejection', (error) => note('error', [`unhandled rejection: ${describe(error)}`]));

// --- the two pipes ---

/** What a call gives once the pipe is ready, should it not block. */
function whenReady(call) {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

let input = Buffer.from(new ArrayBuffer(65536));
let filled = 0;
let frame = 0; // the size of the frame at its begin, which has been dealt with
let output = Buffer.from(new ArrayBuffer(65536));

function larger(buffer, size) {
  if (size <= buffer.length) return buffer;
  const made = Buffer.from(new ArrayBuffer(2 * size));
  buffer.copy(made);
  return made;
}

/** The next frame, whose body is valid until the one after it; null: there is none. */
function nextFrame() {
  input.copyWithin(0, frame, filled);
  filled -= frame;
  frame = 8;
  for (;;) {
    if (filled >= 8) frame = 8 + input.readUInt32LE(0);
    if (filled >= frame) return { kind: String.fromCharCode(input[4]), body: input.subarray(8, frame) };
    input = larger(input, frame);
    const count = whenReady(() => readSync(0, input, filled, input.length - filled, null));
    if (!count) return null;
    filled += count;
  }
}

/** Begin a section of the output at a place; returns where its body begins. */
function section(at, kind, size) {
  output = larger(output, at + 16 + size);
  output.writeUInt32LE(size, at);
  output[at + 4] = kind.charCodeAt(0);
  return at + 8;
}

function write(kind, size) {
  section(0, kind, size);
  for (let at = 0; at < size + 8; ) at += whenReady(() => writeSync(1, output, at, size + 8 - at));
}

function answer(kind, value) {
  const text = Buffer.from(JSON.stringify(value));
  section(0, kind, text.length);
  text.copy(output, 8);
  write(kind, text.length);
}

function writePieces(pieces) {
  let at = 8;
  const put = (kind, bytes) => {
    at = section(at, kind, bytes.length);
    output.set(bytes, at);
    at += (bytes.length + 3) & ~3;
  };
  if (lines.length) put('j', Buffer.from(JSON.stringify({ console: lines })));
  for (const samples of pieces) {
    put(samples instanceof Int16Array ? 'i' : 'f', new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  }
  write('a', at - 8);
  lines = [];
}

// --- what is asked ---

async function load(request) {
  asked = request;
  running = failed = null;
  lines = [];
  told = 0;
  const scope = await Scope.open(asked, {}, () => {}, false);
  const audioRate = scope.page.audioRate ?? SERVICE_RATE;
  answer('r', { sampleRate: scope.sampleRate, audioRate, page: asked.page, opensGate: !!scope.page.openGate });
}

/** Find out what the worklet sends of a voice, then make the one that runs. */
async function probe(voice) {
  const used = new Set();
  const first = await listen(voice, asked.settings, used);
  const found = first.sends ? first : await listen(voice, {}, new Set());
  const unused = Object.keys(asked.settings).filter((name) => !used.has(name));
  if (!found.sends) {
    const posted = first.shapes.size ? `posted ${[...first.shapes].join(', ')}` : 'posted nothing';
    throw new WorkletError(
      `of a loud voice it gave no sound at its output and ${posted}; let process() write to outputs, post ` +
        'Int16Array, Float32Array or an object with one of them, or say in the page file which part of a message is ' +
        'audio: export function audio(data) { … }',
    );
  }
  check(found);
  const scope = await Scope.open(asked, asked.settings, note);
  running = { scope, sends: found.sends };
  const { name, parameters } = scope;
  answer('r', { processor: name, sends: found.sends, unused, takes: [...parameters, ...first.offered] });
}

/** Do work that is no promise's, so that the promises of the worklet can be settled in it. */
const inATask = (work) =>
  new Promise((resolve, reject) =>
    setImmediate(() => {
      try {
        resolve(work());
      } catch (error) {
        reject(error);
      }
    }),
  );

async function listen(voice, settings, used) {
  const scope = await Scope.open(asked, settings, () => {}, true, used);
  const rendered = [];
  const posted = [];
  const shapes = new Set();
  await inATask(() =>
    scope.render(voice, (output) => rendered.push(output), (data) => take(scope, data, posted, shapes)),
  );
  const samples = posted.reduce((sum, each) => sum + each.length, 0);
  const share = (samples * scope.sampleRate) / ((scope.page.audioRate ?? SERVICE_RATE) * voice.length);
  const sounds = rendered.some((each) => each.some((value) => value !== 0));
  const offered = { messages: samples > 0, output: sounds };
  const better = offered.messages && (share >= FEWEST || !sounds) ? 'messages' : 'output';
  const chosen = scope.page.sends ?? better;
  if (!(chosen in offered)) throw new WorkletError(`sends is '${chosen}'; say 'messages' or 'output'`, scope.pageFile);
  const sends = offered[chosen] ? chosen : null;
  for (const name of scope.used) used.add(name);
  return { sends, share, shapes, rate: scope.page.audioRate ?? SERVICE_RATE, offered: scope.offered };
}

function check({ sends, share, rate }) {
  if (sends !== 'messages' || share <= MOST) return;
  throw new WorkletError(
    `it posts ${Math.round(share * rate)} samples a second, where the page sends ${rate}; a posted ArrayBuffer is read ` +
      'as int16: say in the page file what else it holds (export function audio(data) { return new Float32Array(data) ' +
      '}), or which rate it has (export const audioRate = 48000)',
  );
}

function take(scope, data, posted, shapes) {
  const samples = scope.page.audio ? scope.inPage('audio', data) : audioIn(data);
  if (samples == null) {
    if (shapes && shapes.size < 3) shapes.add(shapeOf(data));
    return;
  }
  const found = audioIn(samples);
  if (!found) throw new WorkletError(`audio() returned ${shapeOf(samples)}; return Float32Array, Int16Array or null`, scope.pageFile);
  posted.push(found);
}

function hear(pcm) {
  if (failed) throw failed;
  const { scope, sends } = running;
  const pieces = [];
  if (sends === 'messages') {
    scope.render(pcm, null, (data) => take(scope, data, pieces));
  } else {
    scope.render(pcm, (output) => pieces.push(output), null);
    if (pieces.length > 1) pieces.splice(0, pieces.length, joined(pieces));
  }
  writePieces(pieces);
}

function joined(pieces) {
  const whole = new Float32Array(pieces.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const each of pieces) {
    whole.set(each, at);
    at += each.length;
  }
  return whole;
}

function unanswered(work) {
  try {
    work();
  } catch (error) {
    failed ??= error;
  }
}

const floats = (body) => new Float32Array(body.buffer, body.byteOffset, body.length / 4);

function inTheLoop(kind, body) {
  if (kind === 'a') hear(floats(body));
  else if (kind === 's') unanswered(() => running.scope.inPage('assistant', running.scope.node, body[0] === 1));
  else unanswered(() => running.scope.inPage('openGate', running.scope.node));
}

/** Answer until there is nothing more to read. It is no promise, so that promises of the worklet can be settled in it. */
function loop() {
  for (;;) {
    const asking = nextFrame();
    if (!asking) process.exit(0);
    const { kind, body } = asking;
    seen[0]++;
    Atomics.store(seen, 1, 1);
    if (kind === 'l' || kind === 'p') {
      const answered = kind === 'l' ? load(JSON.parse(body)) : probe(floats(body));
      answered.catch((error) => answer('e', placed(error, asked))).then(() => Atomics.store(seen, 1, 0)).then(goOn);
      return;
    }
    try {
      inTheLoop(kind, body);
    } catch (error) {
      answer('e', placed(error, asked));
    }
    Atomics.store(seen, 1, 0);
  }
}

const goOn = () => setImmediate(loop);
goOn();
