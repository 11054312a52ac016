// Makes a client of the JavaScript kit, and gives it the calls that come as JSON lines; answers each with its commands.
import { createInterface } from "node:readline";
import { Chunk, fromBase64, referenceClient, toBase64 } from "../../js/kit/index.js";

let client;

const wire = (command) => (command.audio ? { ...command, audio: toBase64(command.audio) } : command);

function commandsOf({ method, now, given }) {
  if (method === "wake") return client.wake(now);
  if (method === "receive") return client.receive(given, now);
  return client.hear(new Chunk(new Int16Array(fromBase64(given).buffer)), now);
}

for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line);
  if (call.method === "make") {
    client = referenceClient(call.name, call.settings);
    continue;
  }
  const commands = commandsOf(call).map(wire);
  process.stdout.write(JSON.stringify({ commands, next: client.nextWake() }) + "\n");
}
