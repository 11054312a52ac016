"use strict";
(() => {
const EVERY_MS = 500, SLOW_TICKS = 2, SHOWN = 25, MOST_ENTRIES = 5000, ALERT_MS = 8000, STILL_MS = 3000;
const GROUPS = {
  source: "what the microphone delivers",
  detector: "the speech probability that the server's turn detection sees",
  policy: "how the server takes turns and answers",
  session: "what is done to the session once",
  wire: "messages on their way",
  media: "packets and the path of a call over WebRTC",
};
const TOLD = {
  answered: "✔ what was said last was answered", quiet: "○ nothing was said that could be answered",
  unknown: "? the entries that would tell are forgotten",
};
const at = id => document.getElementById(id);
let token = sessionStorage.getItem("token");
let before = null, olderThan = null;  // the page of sessions that is shown, and the one behind it
let startedAt = null, touchedAt = -Infinity, alertTimer = 0, ticks = 0;
let chosen = Number(/^#(\d+)$/.exec(location.hash)?.[1]) || null;  // the number of a session
let session = null, faults = {active: [], waiting: [], catalogue: [], microphone: []};
const drawn = {number: null, view: null, since: 0, entries: []};  // the picture, and of which session
const kinds = new Map(), rows = new Map(), chips = new Map();

function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

async function ask(method, path, content) {
  const headers = token ? {Authorization: `Bearer ${token}`} : {};
  if (content) headers["Content-Type"] = "application/json";
  const response = await fetch(path, {method, headers, body: content && JSON.stringify(content)});
  at("ask").hidden = response.status !== 401;
  if (response.ok) return response;
  if (response.status === 401) throw new Error(token ? "the token is wrong; enter the server's token" : "");
  const body = await response.json().catch(() => ({}));
  throw Object.assign(new Error(body.error || `the server answered ${response.status}`), {status: response.status});
}

const get = async path => (await ask("GET", path)).json();
const sentence = error => error instanceof TypeError ? "the server does not answer" : error.message;

/* If an action fails, its error stays visible while the page goes on. */
async function attempt(action) {
  put(at("failed"), "");
  try {
    await action();
  } catch (error) {
    put(at("failed"), sentence(error));
    clearTimeout(alertTimer);
    alertTimer = setTimeout(() => put(at("failed"), ""), ALERT_MS);
  }
}

function ago(seconds) {
  const whole = Math.floor(seconds);
  return whole < 100 ? `${whole} s` : whole < 6000 ? `${Math.floor(whole / 60)} min` : `${Math.floor(whole / 3600)} h`;
}

/* Bring the children of a list into this order, and move none that stays in place: it may have the focus. */
function order(list, elements) {
  for (const old of [...list.children]) if (!elements.includes(old)) old.remove();
  elements.forEach((element, index) => {
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] || null);
  });
}

/* --- the chosen session --- */

function choose(number) {
  if (chosen === number) return;
  chosen = number;
  session = null;
  history.replaceState(null, "", `#${number}`);
}

async function showPicture() {
  const number = chosen;
  if (number === null) return;
  if (drawn.number !== number) {
    if (drawn.view) drawn.view.remove();
    Object.assign(drawn, {number, view: null, since: 0, entries: []});
  }
  const since = drawn.since;
  const answer = await get(`/sessions/${number}/picture?since=${since}`);
  if (drawn.number !== number || drawn.since !== since) return;  // another one was chosen meanwhile
  drawn.since = answer.next;
  drawn.entries = drawn.entries.concat(answer.document.entries).slice(-MOST_ENTRIES);
  const picture = {...answer.document, entries: drawn.entries};
  if (drawn.view) drawn.view.update(picture);
  else drawn.view = drawPicture(at("picture"), picture, {parts: ["diagnosis", "lanes", "entries"], follow: true, keys: false});
  const found = picture.diagnosis;
  const silent = found?.state === "silent" && found.since !== null;
  put(at("headline"), !found ? "" : found.state === "silent" ? `✖ silent: ${found.cause}` : TOLD[found.state]);
  put(at("silence"), silent ? `for ${ago((picture.length - found.since) / 1000)}` : "");
  at("headline").className = at("silence").className = found ? found.state : "";
}

/* The sessions of one client share a journal, and so a verdict and a picture. */
function joined() {
  const opened = drawn.entries.filter(each => each.lane === "connection" && each.kind === "open").map(each => each.connection);
  return drawn.number === chosen && opened.length > 1 ? `one journal with the sessions ${opened.filter(each => each !== chosen).slice(-5).join(", ")}` : "";
}

async function showSession() {
  const number = chosen;
  const found = number === null ? null : await get(`/sessions/${number}`).catch(error => {
    if (error.status === 404) return null;
    throw error;
  });
  if (number !== chosen) return;
  session = found;
  at("state").hidden = at("journal").hidden = !session;
  put(at("title"), number === null ? "No session yet" : `Session ${number}`);
  put(at("this"), number === null ? "this session" : `session ${number}`);
  if (!session) {
    put(at("facts"), number === null ? "Connect a client, and it is shown here." : "This session is forgotten; choose another.");
    return;
  }
  at("journal").href = `/journal/${number}`;
  put(at("state"), session.state === "open" ? "open" : `closed ${session.close_code ?? ""} ${session.close_reason}`.trim());
  at("state").className = `state ${session.state}`;
  const detection = session.turn_detection === null ? "no turn detection" : `${session.turn_detection}: ${session.turn}`;
  put(at("facts"), [
    session.id ? "" : "refused", session.model, detection, session.response_id && "responding", ago(session.open_s),
    `audio in ${session.audio_in_s.toFixed(1)} s, out ${session.audio_out_s.toFixed(1)} s`,
    `events in ${session.events_in}, out ${session.events_out}`, session.peer, joined(),
  ].filter(Boolean).join(" · "));
}

at("journal").addEventListener("click", event => {
  if (!token) return;
  event.preventDefault();
  attempt(async () => {
    const file = URL.createObjectURL(await (await ask("GET", at("journal").href)).blob());
    make("a", {href: file, download: `session-${chosen}.jsonl`}).click();
    URL.revokeObjectURL(file);
  });
});

at("follow").addEventListener("change", () => soon());

/* --- the list of sessions --- */

function row(number) {
  const made = {number: make("strong", {}, String(number)), state: make("span"), badge: make("span"), small: make("small")};
  made.button = make("button", {type: "button"}, made.number, made.state, made.badge, made.small);
  made.element = make("li", {}, made.button);
  made.button.addEventListener("click", () => {
    at("follow").checked = false;
    choose(number);
    attempt(soon);
  });
  return made;
}

function fillRow(made, found, verdict) {
  const said = verdict ? verdict.state : "";
  const lasts = said === "silent" && verdict.since_s !== null ? ` ${ago(verdict.at_s - verdict.since_s)}` : "";
  put(made.state, found.state === "open" ? `open ${ago(found.open_s)}` : `closed ${found.close_code ?? ""}`.trim());
  put(made.badge, {answered: "✔ answered", quiet: "○ quiet", silent: `✖ silent${lasts}`, unknown: "? unknown"}[said] || "");
  made.badge.className = `${said} numbers`;
  const cause = said === "silent" ? verdict.cause : "";
  put(made.small, [cause, found.id ? "" : "refused", ...found.faults].filter(Boolean).join(" · ") || found.model);
  made.button.setAttribute("aria-current", String(found.number === chosen));
}

/* Nothing moves, and no other session is chosen, while a pointer or the keyboard is in use: a second click on the same
   spot would act on another session. */
const isStill = () => performance.now() - touchedAt >= STILL_MS;

/* The newest first. */
function place(sessions, verdicts) {
  const numbers = sessions.map(each => each.number).reverse();
  if (isStill()) {
    for (const number of [...rows.keys()]) if (!numbers.includes(number)) rows.delete(number);
    for (const number of numbers) if (!rows.has(number)) rows.set(number, row(number));
    order(at("sessions"), numbers.map(number => rows.get(number).element));
  }
  for (const each of sessions) if (rows.has(each.number)) fillRow(rows.get(each.number), each, verdicts[each.number]);
}

async function showSessions() {
  const asked = before;
  const page = await get(`/sessions?limit=${SHOWN}&verdicts=true${asked === null ? "" : `&before=${asked}`}`);
  if (asked !== before) return;
  if (page.started_at !== startedAt) {  // another server, whose sessions count from 1 again
    if (startedAt !== null) {
      before = chosen = session = null;
      at("follow").checked = true;
      if (drawn.view) drawn.view.remove();
      Object.assign(drawn, {number: null, view: null, since: 0, entries: []});
      rows.clear();
      history.replaceState(null, "", location.pathname);
    } else if (chosen !== null) at("follow").checked = false;
    startedAt = page.started_at;
  }
  olderThan = page.older;
  put(at("url"), page.url);
  put(at("count"), `${page.open} open, ${page.closed} closed`);
  const newest = page.sessions.at(-1);
  if (before === null && newest && (chosen === null || (at("follow").checked && isStill()))) choose(newest.number);
  const all = page.open + page.closed;
  put(at("more"), all ? `${page.sessions.length} of ${all}${before === null ? ", the newest first" : `, those before ${before}`}` : `Connect a client to ${page.url}`);
  at("newest").disabled = before === null;
  at("older").disabled = page.older === null;
  place(page.sessions, page.verdicts);
}

function turnTo(page) {
  before = page;
  touchedAt = -Infinity;
  attempt(soon);
}

at("newest").addEventListener("click", () => turnTo(null));
at("older").addEventListener("click", () => turnTo(olderThan));
for (const kind of ["pointermove", "pointerdown", "keydown"])
  for (const id of ["sessions", "faults"]) at(id).addEventListener(kind, () => { touchedAt = performance.now(); });

/* --- the faults that can be started --- */

const target = () => new FormData(at("how")).get("target");

/* Those of a kind that are where the next one would be started. */
function startedIn(where, name) {
  const named = [...faults.active, ...faults.waiting].filter(each => each.name === name);
  if (where === "this") {
    const now = (session?.faults_now || []).filter(each => each.name === name && !each.is_over);
    return [...now, ...named.filter(each => each.session === chosen && each.state === "waiting")];
  }
  return named.filter(each => each.session === null && (each.sessions === "next") === (where === "next"));
}

function field(name, described) {
  const {schema, says} = described, plain = described.default;
  let input;
  if (schema.enum) {
    input = make("select", {}, ...schema.enum.map(each => make("option", {}, String(each))));
    input.value = plain;
  } else {
    const bounds = schema.type === "number" || schema.type === "integer" ? {min: schema.minimum, max: schema.maximum, step: "any", type: "number"} : {type: "text"};
    input = make("input", {...bounds, placeholder: plain === null ? "none" : [].concat(plain).join(", ")});
  }
  const limits = schema.minimum === undefined ? "" : ` From ${schema.minimum} to ${schema.maximum}.`;
  const examples = schema.examples || (schema.type === "array" ? ["0.1, 0.9"] : []);
  const told = make("span", {class: "soft"}, `${says.replace(/\.?$/, ".")}${limits}${examples.length ? ` Such as ${examples.join(" or ")}.` : ""}`);
  const read = () => {
    const text = input.value.trim();
    if (!text || text === String(plain)) return undefined;
    if (schema.type === "array") return text.split(",").map(Number);
    return schema.type === "string" || schema.enum ? text : Number.isNaN(Number(text)) ? text : Number(text);
  };
  return {name, read, element: make("label", {}, make("span", {}, name), input, told)};
}

function kind(described) {
  const fields = Object.entries(described.parameters).map(([name, each]) => field(name, each));
  const made = {described, button: make("button", {type: "button"}, "Start")};
  const form = make("form", {}, ...fields.map(each => each.element));
  form.append(make("p", {class: "soft"}, described.seen), make("p", {class: "soft"}, `What ends it: ${described.cure}.`));
  made.details = make("details", {}, make("summary", {}, make("code", {}, described.name), ` ${described.does}`), form);
  made.element = make("li", {}, made.button, made.details);
  const press = () => attempt(async () => {
    const where = target(), running = startedIn(where, described.name);
    for (const each of running) await ask("DELETE", `/faults/${each.id}`);
    if (!running.length) await start(described.name, where, fields);
    await soon();
  });
  made.button.addEventListener("click", press);
  form.addEventListener("submit", event => { event.preventDefault(); press(); });
  const words = [described.name, described.group, described.does, described.seen, ...Object.keys(described.parameters)];
  made.words = words.join(" ").toLowerCase();
  return made;
}

async function start(fault, where, fields) {
  if (where === "this" && chosen === null) throw new Error("there is no session yet; connect a client, or start it in the next session");
  const parameters = Object.fromEntries(fields.map(each => [each.name, each.read()]).filter(([, value]) => value !== undefined));
  await ask("POST", "/faults", {
    fault, session: where === "this" ? chosen : null, sessions: where === "next" ? "next" : "all",
    after_s: Number(at("after").value) || 0, lasts_s: Number(at("lasts").value) || null, with: parameters,
  });
}

function showKinds() {
  const wide = matchMedia("(min-width: 900px)").matches;
  const groups = Object.entries(GROUPS).map(([group, told]) => {
    const list = make("ul", {class: "kinds"});
    for (const described of faults.catalogue.filter(each => each.group === group)) {
      kinds.set(described.name, kind(described));
      list.append(kinds.get(described.name).element);
    }
    const made = make("details", {"data-group": group}, make("summary", {}, make("h3", {}, group), " ", make("span", {class: "soft"}, told)));
    if (group !== "source") made.append(list);
    else made.append(make("p", {class: "soft"}, `A server cannot reach the client's microphone: play a scenario with \`stillthere run\` for ${faults.microphone.join(", ")}.`));
    made.open = wide && group !== "source" && group !== "media";
    return made;
  });
  at("groups").replaceChildren(...groups);
}

function markKinds() {
  const where = target();
  for (const [name, made] of kinds) {
    const running = startedIn(where, name).length > 0;
    made.element.classList.toggle("on", running);
    put(made.button, running ? "End" : "Start");
    made.button.setAttribute("aria-label", `${running ? "End" : "Start"} ${name} in ${where === "this" ? `session ${chosen ?? ""}` : where === "all" ? "all sessions" : "the next session"}`);
    made.button.disabled = where === "this" && session !== null && session.state !== "open";
  }
}

let wereOpen = null;  // the groups that were open before the search
function search() {
  const words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean), groups = [...at("groups").children];
  if (words.length && !wereOpen) wereOpen = groups.map(group => group.open);
  let count = 0;
  for (const made of kinds.values()) {
    made.element.hidden = !words.every(word => made.words.includes(word));
    count += made.element.hidden ? 0 : 1;
  }
  groups.forEach((group, index) => {
    const source = group.dataset.group === "source" && words.length && faults.microphone.some(name => words.every(word => name.includes(word)));
    group.hidden = words.length > 0 && !source && !group.querySelector("li:not([hidden])");
    if (words.length) group.open = !group.hidden;
    else if (wereOpen) group.open = wereOpen[index];
  });
  if (!words.length) wereOpen = null;
  put(at("found"), words.length ? `${count} of ${kinds.size} faults` : "");
}

at("search").addEventListener("input", search);
at("how").addEventListener("submit", event => event.preventDefault());
at("how").addEventListener("change", () => { markKinds(); });
document.addEventListener("keydown", event => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  event.preventDefault();
  at("search").focus();
});

/* --- the faults that act or will --- */

function chip(id) {
  const made = {name: make("code"), told: make("span", {class: "numbers"}), end: make("button", {type: "button"}, "End")};
  made.element = make("li", {}, made.name, made.told, made.end);
  made.end.addEventListener("click", () => attempt(async () => {
    await ask("DELETE", `/faults/${id}`);
    await soon();
  }));
  return made;
}

const left = seconds => seconds === null ? "until ended" : `${seconds.toFixed(1)} s left`;

/* What is told of each fault: [id, name, class, words]. */
function acting() {
  const told = new Map();
  for (const each of session?.faults_now || []) {
    const words = each.is_over ? `in session ${chosen}: its time is over; the connection stays so until the client connects again` : `in session ${chosen}, ${left(each.left_s)}`;
    told.set(each.id, [each.name, each.is_over ? "over" : "", words]);
  }
  for (const each of [...faults.active, ...faults.waiting]) {
    const lasts = each.lasts_s === null ? "until ended" : `for ${each.lasts_s} s`, later = each.after_s ? `, after ${each.after_s} s` : "";
    const runs = left(each.ends_at === null ? null : Math.max(0, each.ends_at - faults.now));
    if (each.session !== null && each.session !== chosen) continue;
    if (each.each_session) told.set(each.id, [each.name, each.state, `in each ${each.sessions === "first" ? "client's first" : "new"} session${later}, ${lasts}`]);
    else if (each.session === null && each.sessions === "next") told.set(each.id, [each.name, "waiting", `waits for the next session${later}, ${lasts}`]);
    else if (each.state === "waiting") told.set(each.id, [each.name, "waiting", `in ${each.session === null ? "all sessions" : `session ${each.session}`} in ${Math.max(0, each.struck_at - faults.now).toFixed(1)} s, ${lasts}`]);
    else if (each.session === null) told.set(each.id, [each.name, "", `in all sessions${each.sessions === "first" ? " that are a client's first" : ""}, ${runs}`]);
  }
  return told;
}

function showActive() {
  const told = acting();
  for (const id of [...chips.keys()]) if (!told.has(id)) chips.delete(id);
  for (const [id, [name, state, words]] of told) {
    if (!chips.has(id)) chips.set(id, chip(id));
    const made = chips.get(id);
    put(made.name, name);
    put(made.told, words);
    made.element.className = state;
    made.end.hidden = state === "over";
    made.end.setAttribute("aria-label", `End ${name}`);
  }
  order(at("active"), [...told.keys()].map(id => chips.get(id).element));
}

async function showFaults() {
  const known = faults.catalogue.length > 0;
  faults = await get("/faults");
  if (!known) showKinds();
}

/* --- all of it, again and again --- */

async function refresh(all) {
  if (all) await showSessions();
  await Promise.all([showFaults(), showSession(), all ? showPicture() : null]);
  showActive();
  markKinds();
}

let running = Promise.resolve();
function soon(all = true) {
  running = running.catch(() => null).then(() => refresh(all));
  return running;
}

at("ask").addEventListener("submit", event => {
  event.preventDefault();
  attempt(async () => {
    const entered = at("token").value;
    if (!/^[!-~]+$/.test(entered)) throw new Error("a token has only characters that a header can hold; use letters and digits");
    token = entered;
    sessionStorage.setItem("token", token);
  });
});

(async function forever() {
  for (;;) {
    if (!document.hidden) await soon(ticks++ % SLOW_TICKS === 0).then(() => put(at("status"), ""), error => put(at("status"), sentence(error)));
    await new Promise(resolve => setTimeout(resolve, EVERY_MS));
  }
})();
})();
