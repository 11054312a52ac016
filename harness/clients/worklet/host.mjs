// What Node has and a worklet does not, kept before its names are taken away.
// (An import of node:process would make the pipes non-blocking.)

export const { Buffer, process, setImmediate, structuredClone, URL } = globalThis;

/** What the watchdog sees: requests so far, whether one is being answered, which of PARTS runs, at which frame. */
export const seen = new Int32Array(new SharedArrayBuffer(16));
export const PARTS = ['the module', 'the constructor', 'process()', 'onmessage', 'the page file'];
