// Ends the process if the worklet does not return: says which part of it, as an error frame, then kills it.

import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const LIMIT_S = 10;
const { seen, parts } = workerData;

function end() {
  const found = { what: `${parts[seen[2]]} did not return within ${LIMIT_S} s`, part: null, page: seen[2] === 4 };
  const body = Buffer.from(JSON.stringify({ ...found, frame: seen[2] === 2 ? seen[3] : null }));
  const head = Buffer.alloc(8);
  head.writeUInt32LE(body.length);
  head.write('e', 4);
  writeSync(1, Buffer.concat([head, body]));
  process.kill(process.pid, 'SIGKILL');
}

let last = -1;
let seconds = 0;
setInterval(() => {
  const isSame = Atomics.load(seen, 1) === 1 && Atomics.load(seen, 0) === last;
  seconds = isSame ? seconds + 1 : 0;
  last = Atomics.load(seen, 0);
  if (seconds >= LIMIT_S) end();
}, 1000);
