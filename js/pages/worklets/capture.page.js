// What the page over WebRTC does with capture.js, for `stillthere run … --worklet js/pages/worklets/capture.js`:
// the gate is in the worklet, which is told the level that passes at the moment, and what is sent is its output.

export const sends = 'output';
export const options = { processorOptions: { samples: 480, sends: true } };

let passes = {};

const tell = (node, threshold) => node.port.postMessage({ limit: threshold ** 2, holdChunks: 0 });

export function start(node, { threshold = 0.03, bargeIn = 0.1 }) {
  passes = { listening: threshold, speaking: Math.max(threshold, bargeIn) };
  tell(node, passes.listening);
}

export function assistant(node, speaks) {
  tell(node, speaks ? passes.speaking : passes.listening);
}

export function openGate(node) {
  passes = { listening: 0, speaking: 0 };
  tell(node, 0);
}
