// An AudioWorkletGlobalScope, and one processor in it, as Chromium's OfflineAudioContext would run it.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { WorkletError } from './errors.mjs';
import { process, seen, setImmediate, structuredClone as clone } from './host.mjs';

const QUANTUM = 128;
const BEGINS_AT_MS = Date.UTC(2026, 0, 1);
const RealDate = Date;
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
/** Run what promises wait for, as a browser does after each callback; where Node has another way, once a frame. */
const settle = process._tickCallback ?? (() => {});

// What Chromium's scope has besides the language; an isolated page has SharedArrayBuffer too.
const PLATFORM = `console EventTarget Event MessageEvent ReadableStream ReadableStreamDefaultReader
  ReadableStreamDefaultController ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableByteStreamController
  WritableStream WritableStreamDefaultWriter WritableStreamDefaultController TransformStream
  TransformStreamDefaultController CountQueuingStrategy ByteLengthQueuingStrategy`.split(/\s+/);
const language = new Set(vm.runInNewContext('Object.getOwnPropertyNames(globalThis)'));
for (const name of Reflect.ownKeys(globalThis)) {
  if (!language.has(name) && !PLATFORM.includes(name)) delete globalThis[name];
}
// What takes its time in a browser is done at once, so that it is done at the same sample in each run.
const WasmModule = WebAssembly.Module;
WebAssembly.compile = async (bytes) => new WasmModule(bytes);
WebAssembly.instantiate = async (source, imports) => {
  if (source instanceof WasmModule) return new WebAssembly.Instance(source, imports);
  const module = new WasmModule(source);
  return { module, instance: new WebAssembly.Instance(module, imports) };
};

/** One end of a MessageChannel; what is posted arrives when `deliver` is called. */
class MessagePort {
  #inbox = [];
  #onmessage = null;
  #listeners = new Set();
  #started = false;
  #closed = false;
  peer = null;

  postMessage(data, transfer) {
    const sent = clone(data, { transfer: Array.isArray(transfer) ? transfer : (transfer?.transfer ?? []) });
    if (!this.#closed) this.peer.#inbox.push(sent);
  }
  get onmessage() {
    return this.#onmessage;
  }
  set onmessage(handler) {
    this.#onmessage = typeof handler === 'function' ? handler : null;
    this.#started = true;
  }
  addEventListener(type, listener) {
    if (type === 'message') this.#listeners.add(listener);
  }
  removeEventListener(type, listener) {
    this.#listeners.delete(listener);
  }
  start() {
    this.#started = true;
  }
  close() {
    this.#closed = true;
  }

  /** Deliver what has been posted to this end; `first` sees it before. */
  deliver(first) {
    if (!this.#inbox.length || !(this.#started || first)) return;
    const due = this.#inbox.splice(0);
    for (const data of due) {
      first?.(data);
      const event = { type: 'message', data, target: this, currentTarget: this, ports: [] };
      this.#onmessage?.call(this, event);
      for (const listener of this.#listeners) (listener.handleEvent ?? listener).call(this, event);
    }
  }
}

class AudioParam {
  constructor({ defaultValue = 0, minValue = -3.4028234663852886e38, maxValue = 3.4028234663852886e38 }) {
    this.defaultValue = this.value = defaultValue;
    this.minValue = minValue;
    this.maxValue = maxValue;
  }
  get current() {
    return Math.fround(Math.min(this.maxValue, Math.max(this.minValue, this.value)));
  }
}

function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const [MODULE, CONSTRUCTOR, PROCESS, ONMESSAGE, PAGE] = [0, 1, 2, 3, 4]; // of PARTS

/** Note which part of the user's code raised, or does not return. */
async function within(number, part, work) {
  seen[2] = number;
  try {
    return await work();
  } catch (error) {
    throw tagged(part, error);
  }
}

const tagged = (part, cause, seconds = null) =>
  cause instanceof WorkletError || cause?.stillthere ? cause : { stillthere: { part, cause, seconds } };

/** A module; of a mistake in its syntax only a script knows the line. */
function compiled(source, name) {
  try {
    return new vm.SourceTextModule(source, { identifier: name });
  } catch (error) {
    const blank = (text) => text.replace(/[^\n]/g, ' ');
    const script = source.replace(/^[ \t]*import\b[^;]*?['"][^'"\n]*['"];?/gm, blank).replace(/^[ \t]*export\b( default\b)?/gm, blank);
    try {
      new vm.Script(`async () => {'use strict';${script}\n}`, { filename: name });
    } catch (again) {
      if (again.message === error.message) throw again;
    }
    throw error;
  }
}

/** Evaluate a module and what it imports. */
async function evaluate(file, files) {
  const known = new Map();
  const make = (name, from) => {
    if (known.has(name)) return known.get(name);
    let source;
    try {
      source = readFileSync(name, 'utf8');
    } catch (error) {
      throw new WorkletError(`${from ? `it imports ${name}, which` : 'it'} cannot be read: ${error.code}`, from ?? name);
    }
    files.push(name);
    const made = compiled(source, name);
    known.set(name, made);
    return made;
  };
  const module = make(file);
  await module.link((specifier, from) => {
    if (/^\.{0,2}\//.test(specifier)) return make(path.resolve(path.dirname(from.identifier), specifier), from.identifier);
    throw new WorkletError(`it imports '${specifier}'; a worklet imports files by their paths, such as './dsp.js'`, from.identifier);
  });
  await module.evaluate();
  return module.namespace;
}

let baseline = null;

export class Scope {
  /** `settings`: AudioParams and processorOptions by name; `used` gets the names of those that are asked for. */
  static async open(asked, settings, note, makes = true, used = null) {
    const scope = new Scope(asked, note);
    scope.used = used ?? new Set();
    asked.files = [];
    scope.#reset(note);
    scope.page = asked.page ? await within(PAGE, 'page file', () => evaluate(asked.page, asked.files)) : {};
    scope.sampleRate = scope.page.sampleRate ?? 24000;
    if (!(scope.sampleRate >= 3000 && scope.sampleRate <= 768000)) {
      throw new WorkletError(`sampleRate is ${scope.sampleRate}; give a rate from 3000 to 768000`, asked.page);
    }
    if (makes) await scope.#make(asked, settings);
    return scope;
  }

  constructor(asked, note) {
    this.pageFile = asked.page;
    this.note = note;
    this.frame = 0;
    this.registered = new Map();
    this.offered = [];
    this.parameters = [];
    this.rest = new Float32Array(QUANTUM);
    this.filled = 0;
  }

  /** The global scope as a new one. */
  #reset(note) {
    baseline ??= new Set([...Reflect.ownKeys(globalThis), 'AudioWorkletProcessor', 'registerProcessor', 'MessagePort',
      'currentFrame', 'currentTime', 'sampleRate', 'renderQuantumSize']);
    for (const name of Reflect.ownKeys(globalThis)) if (!baseline.has(name)) delete globalThis[name];
    const now = () => Math.floor(BEGINS_AT_MS + (1000 * this.frame) / (this.sampleRate ?? 24000));
    Math.random = randomFrom(1);
    globalThis.Date = new Proxy(RealDate, {
      construct: (target, given, made) => Reflect.construct(target, given.length ? given : [now()], made),
      apply: () => new RealDate(now()).toString(),
      get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
    });
    const say = (...values) => note('console', values);
    globalThis.console = { log: say, info: say, warn: say, error: say, debug: say, trace: say, assert: (held, ...values) => held || say(...values) };
    globalThis.MessagePort = MessagePort;
    const getters = { currentFrame: () => this.frame, currentTime: () => this.frame / this.sampleRate, sampleRate: () => this.sampleRate, renderQuantumSize: () => QUANTUM };
    for (const [name, get] of Object.entries(getters)) Object.defineProperty(globalThis, name, { get, configurable: true });
    const scope = this;
    globalThis.AudioWorkletProcessor = class AudioWorkletProcessor {
      #port = scope.#portOfNew();
      get port() {
        return this.#port;
      }
    };
    globalThis.registerProcessor = (name, made) => {
      if (!name || this.registered.has(name)) throw new TypeError(`the name '${name}' is empty or registered already`);
      if (typeof made !== 'function') throw new TypeError(`registerProcessor('${name}', …) takes a class`);
      this.registered.set(name, { made, descriptors: [...(made.parameterDescriptors ?? [])] });
    };
  }

  #portOfNew() {
    const port = new MessagePort();
    port.peer = this.node.port;
    this.node.port.peer = port;
    this.port = port;
    return port;
  }

  async #make(asked, settings) {
    await within(MODULE, 'module', () => evaluate(asked.file, asked.files));
    const { name, made, descriptors } = this.#chosen(asked);
    this.name = name;
    this.parameters = descriptors.map((each) => each.name);
    const parameters = new Map(descriptors.map((each) => [each.name, new AudioParam(each)]));
    this.node = { port: new MessagePort(), parameters, context: { sampleRate: this.sampleRate } };
    const watched = this.#watched(settings);
    const options = await within(PAGE, 'options() of the page file', () => this.#options(watched, settings, parameters));
    for (const [each, value] of Object.entries(options.parameterData ?? {})) {
      if (parameters.has(each)) parameters.get(each).value = value;
    }
    this.processor = await within(CONSTRUCTOR, `new ${made.name || name}()`, () => new made(options));
    if (typeof this.processor.process !== 'function') {
      throw new WorkletError(`the processor '${name}' has no process(); give it process(inputs, outputs, parameters)`);
    }
    this.#buffers(options);
    await within(PAGE, 'start() of the page file', () => this.page.start?.(this.node, watched));
    await nextTurn();
  }

  #chosen(asked) {
    const names = [...this.registered.keys()];
    if (!names.length) throw new WorkletError('it registered no processor; call registerProcessor(name, class)');
    const name = this.page.processor ?? names[0];
    if (!this.registered.has(name) || (this.page.processor === undefined && names.length > 1)) {
      const which = this.page.processor === undefined ? '' : `, not ${name}`;
      throw new WorkletError(
        `it registers ${names.join(', ')}${which}; say in the page file which one the page makes: ` +
          `export const processor = '${names[0]}'`,
      );
    }
    return { name, ...this.registered.get(name) };
  }

  /** The settings; what is read of them is noted. */
  #watched(settings) {
    const watched = {};
    for (const [name, value] of Object.entries(settings)) {
      Object.defineProperty(watched, name, { enumerable: true, get: () => (this.used.add(name), value) });
    }
    return watched;
  }

  /** The options of the node: those of the page, and each setting in its place. */
  #options(watched, settings, parameters) {
    const { options } = this.page;
    const given = typeof options === 'function' ? options(watched) : (options ?? {});
    const processorOptions = clone({ ...given.processorOptions });
    const parameterData = { ...given.parameterData };
    for (const [name, value] of Object.entries(settings)) {
      if (parameters.has(name)) {
        parameterData[name] = value;
        this.used.add(name);
      } else if (typeof options !== 'function') {
        Object.defineProperty(processorOptions, name, { enumerable: true, configurable: true, get: () => (this.used.add(name), value) });
      }
    }
    this.offered = Object.keys(given.processorOptions ?? {});
    return { numberOfInputs: 1, numberOfOutputs: 1, ...given, processorOptions, parameterData };
  }

  /** What process() is given, in arrays that are the same each time, as in Chromium. */
  #buffers({ numberOfInputs, numberOfOutputs, channelCount = 2, channelCountMode, outputChannelCount }) {
    const channels = channelCountMode === 'explicit' ? channelCount : 1;
    const make = (count) => Object.freeze(Array.from({ length: count }, () => new Float32Array(QUANTUM)));
    const input = make(channels);
    this.connected = ({ 2: [0, 1], 4: [0, 1], 6: [2] }[channels] ?? [0]).map((each) => input[each]);
    this.inputs = Object.freeze(Array.from({ length: numberOfInputs }, (_, number) => (number ? Object.freeze([]) : input)));
    const counts = outputChannelCount ?? Array.from({ length: numberOfOutputs }, () => (numberOfInputs === 1 && numberOfOutputs === 1 ? channels : 1));
    this.outputs = Object.freeze(counts.slice(0, numberOfOutputs).map(make));
    this.values = Object.freeze(Object.fromEntries([...this.node.parameters.keys()].map((name) => [name, new Float32Array(1)])));
  }

  /** Call a function of the page file, if it has that one. */
  inPage(name, ...given) {
    seen[2] = PAGE;
    try {
      return this.page[name]?.(...given);
    } catch (error) {
      throw tagged(`${name}() of the page file`, error);
    }
  }

  /** Hear samples: whole quanta are processed, the rest is kept. */
  render(samples, onOutput, onMessage) {
    let at = 0;
    this.#deliver(onMessage);
    while (samples.length - at >= QUANTUM - this.filled) {
      const taken = QUANTUM - this.filled;
      this.rest.set(samples.subarray(at, at + taken), this.filled);
      at += taken;
      this.filled = 0;
      this.#quantum(onOutput);
      settle();
      this.frame += QUANTUM;
      this.#deliver(onMessage);
    }
    this.rest.set(samples.subarray(at), this.filled);
    this.filled += samples.length - at;
  }

  #deliver(onMessage) {
    seen[2] = ONMESSAGE;
    try {
      this.node.port.deliver(onMessage ?? (() => {}));
      this.port?.deliver();
    } catch (error) {
      throw tagged('onmessage', error, this.frame / this.sampleRate);
    }
  }

  #quantum(onOutput) {
    for (const channel of this.connected) channel.set(this.rest);
    for (const output of this.outputs) for (const channel of output) channel.fill(0);
    for (const [name, parameter] of this.node.parameters) this.values[name][0] = parameter.current;
    seen[2] = PROCESS;
    seen[3] = this.frame;
    try {
      this.processor.process(this.inputs, this.outputs, this.values);
    } catch (error) {
      throw tagged('process()', error, this.frame / this.sampleRate);
    }
    if (onOutput) onOutput(this.#mixed());
  }

  /** The first output, in mono. */
  #mixed() {
    const [first, ...others] = this.outputs[0] ?? [];
    const mixed = first ? first.slice() : new Float32Array(QUANTUM);
    for (const other of others) for (let at = 0; at < QUANTUM; at++) mixed[at] += other[at];
    if (others.length) for (let at = 0; at < QUANTUM; at++) mixed[at] /= others.length + 1;
    return mixed;
  }
}
