// Plays page.html in Chromium against servers with faults, and writes what Playwright and the DevTools protocol record.
// Usage: node record.mjs PLAN.json, in a folder where playwright-core is installed.
import { createServer } from "node:http";
import { readFileSync, writeFileSync } from "node:fs";
import { chromium } from "playwright-core";

const plan = JSON.parse(readFileSync(process.argv[2], "utf8"));
const page = readFileSync(plan.page);
const site = createServer((_, answer) => answer.setHeader("content-type", "text/html").end(page));
await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({
  executablePath: plan.chromium,
  args: ["--no-sandbox", "--disable-background-timer-throttling", "--disable-renderer-backgrounding"],
});

// The frames as the Network panel of DevTools has them: seconds since 1970, by the time of the handshake.
async function watched(tab) {
  const cdp = await tab.context().newCDPSession(tab);
  const sockets = new Map();
  await cdp.send("Network.enable");
  cdp.on("Network.webSocketCreated", ({ requestId, url }) => sockets.set(requestId, { url, messages: [] }));
  cdp.on("Network.webSocketWillSendHandshakeRequest", ({ requestId, timestamp, wallTime, request }) =>
    Object.assign(sockets.get(requestId), { shift: wallTime - timestamp, wallTime, timestamp, headers: request.headers }));
  const frame = (type) => ({ requestId, timestamp, response }) => {
    const socket = sockets.get(requestId);
    socket.ended = timestamp;
    const time = timestamp + socket.shift;
    socket.messages.push({ type, time, opcode: response.opcode, data: response.payloadData });
  };
  cdp.on("Network.webSocketFrameSent", frame("send"));
  cdp.on("Network.webSocketFrameReceived", frame("receive"));
  cdp.on("Network.webSocketClosed", ({ requestId, timestamp }) => (sockets.get(requestId).ended = timestamp));
  return sockets;
}

function har(sockets) {
  const entries = [...sockets.values()].map((socket) => ({
    _resourceType: "websocket",
    request: {
      method: "GET",
      url: socket.url,
      headers: Object.entries(socket.headers).map(([name, value]) => ({ name, value })),
    },
    response: { status: 101 },
    startedDateTime: new Date(socket.wallTime * 1000).toISOString(),
    time: (socket.ended - socket.timestamp) * 1000,
    _webSocketMessages: socket.messages,
  }));
  return JSON.stringify({ log: { version: "1.2", creator: { name: "WebInspector", version: "537.36" }, pages: [], entries } });
}

async function record({ name, url, capture, content }) {
  const context = await browser.newContext({ recordHar: { path: `${plan.out}/${name}.playwright.har`, content } });
  const tab = await context.newPage();
  const sockets = await watched(tab);
  await tab.goto(`http://127.0.0.1:${site.address().port}/`);
  await tab.evaluate(
    (settings) => window.converse(settings),
    { url, capture, seconds: plan.seconds, voice: plan.voice },
  );
  writeFileSync(`${plan.out}/${name}.devtools.har`, har(sockets));
  await context.close();
  console.log(name);
}

for (let first = 0; first < plan.cases.length; first += plan.at_once) {
  await Promise.all(plan.cases.slice(first, first + plan.at_once).map(record));
}
await browser.close();
site.close();
