// Writes each event of every WebSocket of `ws` to realtime.jsonl: node --import ./log_ws.mjs app.mjs
import { appendFileSync } from 'node:fs';
import WebSocket from 'ws';

const file = process.env.REALTIME_LOG ?? 'realtime.jsonl';
const write = (dir, event) => appendFileSync(file, `${JSON.stringify({ ts: Date.now(), dir, event })}\n`);
const { send, emit } = WebSocket.prototype;

WebSocket.prototype.send = function (data, ...rest) {
  write('out', String(data));
  return send.call(this, data, ...rest);
};
WebSocket.prototype.emit = function (name, ...rest) {
  if (name === 'message') write('in', String(rest[0]));
  if (name === 'close') write('closed', { code: rest[0], reason: String(rest[1] ?? '') });
  return emit.call(this, name, ...rest);
};
