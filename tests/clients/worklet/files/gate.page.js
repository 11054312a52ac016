// What the page of gate.js does with it.
export const assistant = (node, speaking) => node.port.postMessage({ speaking });
export const openGate = (node) => node.port.postMessage({ open: true });
