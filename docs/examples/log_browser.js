// Keeps each event of every WebSocket and data channel. Load it before the app; saveRealtimeLog() downloads the log.
const realtimeLog = [];

function watchChannel(channel) {
  const write = (dir, event) => realtimeLog.push(JSON.stringify({ ts: performance.timeOrigin + performance.now(), dir, event }));
  const send = channel.send;
  channel.send = (data) => (write('out', data), send.call(channel, data));
  channel.addEventListener('message', ({ data }) => write('in', data));
  channel.addEventListener('close', ({ code, reason }) => code && write('closed', { code, reason }));
  return channel;
}

globalThis.WebSocket &&= new Proxy(WebSocket, { construct: (Socket, options) => watchChannel(new Socket(...options)) });
if (globalThis.RTCPeerConnection) {
  const { createDataChannel } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.createDataChannel = function (...options) {
    return watchChannel(createDataChannel.apply(this, options));
  };
}

globalThis.saveRealtimeLog = () => {
  const url = URL.createObjectURL(new Blob([realtimeLog.join('\n')]));
  Object.assign(document.createElement('a'), { href: url, download: 'realtime.jsonl' }).click();
};
