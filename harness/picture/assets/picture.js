// The picture of a run: drawPicture(element, document, options) draws the document of harness/picture/document.py.
//
// It returns a view: view.update(document) draws a newer document of the same run, and goes along with its end if the
// end was in view; view.show(ms) moves the cursor; view.remove() takes it all away. Options, all optional:
//   parts   which parts, of ["diagnosis", "findings", "lanes", "marks", "entries"]; all of them if it is left out
//   words, lists   the elements that get the diagnosis and the findings, and the marks and the entries, if those are
//           to be somewhere else than the lanes
//   follow  whether to begin at the end and go along with it; else it begins at the first finding
//   keys    whether keys work in the whole page; else only while the picture has the focus
//   length  the length of the axis in ms, if it is longer than the run
//   moved   is called with the view when what it shows or its cursor changes; other.follow(view) shows the same
//   heading the level of its headings, 2 if it is left out
//   name    what tells this picture from others in the page, for a screen reader
"use strict";
(() => {
  const WHOLE_UP_TO_MS = 150000; // a longer run opens on a part of it
  const PART_MS = 60000;
  const LEAST_VIEW_MS = 200;
  const FLOOR_DBFS = -70;
  const SPAN_PX = 22;
  const LEVELS_PX = 46;
  const CURVE_PX = 48;
  const PACKETS_PX = 34;
  const LOWEST_DBFS = -96; // of a byte of an envelope
  const MOST_ROWS = 300;
  const FILLS = {
    story: "plain", healed: "server", user: "user", probe: "user", later: "user", noise: "noise", app: "fault", capture: "fault",
    network: "fault", server: "fault", hears: "server", response: "answer", answer: "answer", interrupted: "noise",
    suspended: "bad", silence: "bad", open: "server", dialling: "plain", refused: "bad",
  };
  const KEYS = [
    ["Space", "play, pause"], ["← →", "move the cursor; with Shift further"], ["+ −", "zoom in, zoom out"], ["0", "the whole run"],
    ["Home End", "to the start, to the end"], ["n p", "next, previous finding"], [", .", "previous, next entry"], ["?", "this help"],
  ];

  function make(tag, properties, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties || {})) {
      if (name in made) made[name] = value;
      else made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  }

  const seconds = (ms) => (ms / 1000).toFixed(3) + " s";
  const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

  // The first of a list, sorted by key, whose key is at least this.
  function firstFrom(list, key, value) {
    let low = 0, high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (key(list[middle]) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // The bytes of a text in base64.
  function bytesOf(text) {
    const raw = atob(text), bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return bytes;
  }

  // How high a byte of an envelope is drawn, from 0 to 1; 0 is digital zero.
  const shares = Float32Array.from({ length: 256 }, (_, byte) => (byte ? clamp((LOWEST_DBFS * (1 - (byte - 1) / 254) - FLOOR_DBFS) / -FLOOR_DBFS, 0.01, 1) : 0));

  // Rows for spans of which some overlap: each span gets the first row that is free.
  function rowsOf(spans) {
    const ends = [];
    const rows = spans.map(([start, end]) => {
      let row = ends.findIndex((each) => each <= start);
      if (row < 0) row = ends.push(0) - 1;
      ends[row] = Math.max(end, start + 1);
      return row;
    });
    return [rows, Math.max(1, ends.length)];
  }

  class Lanes {
    constructor(view) {
      this.view = view;
      this.box = make("div", { className: "lanes", tabIndex: 0, role: "application", ariaLabel: view.called("Lanes of the run, on one axis of time. Press ? for the keys") });
      this.cursor = make("div", { className: "cursor" });
      this.hover = make("div", { className: "hover", hidden: true });
      this.hover.setAttribute("aria-hidden", "true");
      this.box.append(this.cursor, this.hover);
      this.lanes = [];
      this.colours = null;
      this.pending = false;
      this.pointers = new Map();
      this.listen();
    }

    take(doc) {
      const wanted = [{ name: "", axis: true }, ...doc.lanes, { name: "events", entries: true }];
      const kept = new Map(this.lanes.map((lane) => [lane.data.name, lane]));
      this.lanes = wanted.map((data) => {
        const lane = kept.get(data.name) || this.row(data.name);
        kept.delete(data.name);
        lane.data = data;
        lane.bands = this.bands(data);
        lane.height = lane.bands.reduce((sum, band) => sum + band.height, 0);
        lane.canvas.style.height = lane.height + "px";
        lane.canvas.ariaLabel = this.spoken(data, doc);
        return lane;
      });
      kept.forEach((lane) => lane.row.remove());
      this.box.append(...this.lanes.map((lane) => lane.row));
      this.draw();
    }

    row(name) {
      const canvas = make("canvas", { role: "img" });
      return { canvas, row: make("div", { className: "lane" }, make("div", { className: "name", textContent: name }), canvas) };
    }

    // What is drawn in a lane, from the top down.
    bands(data) {
      if (data.axis) return [{ kind: "axis", height: 20 }];
      if (data.entries) return [{ kind: "entries", height: 40 }];
      const bands = [];
      if (data.spans) {
        const [rows, count] = rowsOf(data.spans);
        bands.push({ kind: "spans", height: count * SPAN_PX + 4, rows });
      }
      if (data.wave) bands.push({ kind: "wave", height: LEVELS_PX, peaks: bytesOf(data.wave.peaks) });
      else if (data.levels) bands.push({ kind: "levels", height: LEVELS_PX });
      if (data.curve) {
        const pieces = data.curve.pieces.map((each) => ({ start: each.start, values: bytesOf(each.values), honest: each.honest ? bytesOf(each.honest) : null }));
        bands.push({ kind: "curve", height: CURVE_PX, pieces });
      }
      if (data.packets) bands.push({ kind: "packets", height: PACKETS_PX });
      return bands;
    }

    // What a screen reader says in place of a lane.
    spoken(data, doc) {
      if (data.axis) return `Time axis, 0 to ${seconds(this.view.length)}`;
      if (data.entries) return `${doc.entries.length} entries, listed below`;
      const spans = data.spans || [], told = spans.slice(0, 20).map(([start, end, , label]) => `${label} ${seconds(start)} to ${seconds(end)}`);
      if (spans.length > 20) told.push(`and ${spans.length - 20} more`);
      if (data.levels) told.push(`levels from ${seconds(data.levels[0][0])} to ${seconds(data.levels[data.levels.length - 1][1])}`);
      else if (data.wave) told.push("envelope of its sound");
      if (data.curve) told.push("probability of speech by time, with its threshold");
      if (data.packets) told.push(`${data.packets.reduce((sum, each) => sum + each[2], 0)} packets lost on their way up, ${data.packets.reduce((sum, each) => sum + each[5], 0)} on their way down`);
      return `${data.name}: ${told.join("; ")}`;
    }

    draw() {
      if (this.pending) return;
      this.pending = true;
      requestAnimationFrame(() => {
        this.pending = false;
        this.drawNow();
      });
    }

    drawNow() {
      const style = getComputedStyle(this.box);
      const colours = new Map(); // asking a style is slow, and there are thousands of entries
      this.colours = (name) => colours.get(name) || colours.set(name, style.getPropertyValue("--" + name).trim()).get(name);
      for (const lane of this.lanes) {
        const width = lane.canvas.clientWidth, scale = devicePixelRatio || 1;
        if (!width) continue;
        lane.canvas.width = Math.round(width * scale);
        lane.canvas.height = Math.round(lane.height * scale);
        const pen = lane.canvas.getContext("2d");
        pen.scale(scale, scale);
        pen.font = "12px system-ui, sans-serif";
        pen.textBaseline = "middle";
        this.width = width;
        this.grid(pen, lane, width);
        for (const band of lane.bands) {
          if (band.kind !== "axis") this[band.kind](pen, lane.data, band);
          pen.translate(0, band.height);
        }
      }
      this.moveCursor();
    }

    x(ms) {
      return ((ms - this.view.from) / (this.view.to - this.view.from)) * this.width;
    }

    ms(x) {
      return this.view.from + (x / this.width) * (this.view.to - this.view.from);
    }

    grid(pen, lane, width) {
      const per = this.view.to - this.view.from;
      const least = (per * 70) / width;
      const step = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 30000, 60000, 120000, 300000, 600000].find((each) => each >= least) || 1200000;
      pen.strokeStyle = this.colours("grid");
      pen.fillStyle = this.colours("soft");
      pen.beginPath();
      for (let t = Math.ceil(this.view.from / step) * step; t <= this.view.to; t += step) {
        const x = Math.round(this.x(t)) + 0.5;
        pen.moveTo(x, 0);
        pen.lineTo(x, lane.height);
        if (lane.data.axis) {
          const text = `${+(t / 1000).toFixed(3)} s`;
          pen.textAlign = x < 20 ? "left" : x > width - 20 ? "right" : "center";
          pen.fillText(text, x, 10);
        }
      }
      pen.stroke();
      pen.textAlign = "left";
    }

    spans(pen, data, { rows }) {
      data.spans.forEach(([start, end, style, label, short], index) => {
        const left = Math.max(-2, this.x(start)), right = Math.min(this.width + 2, this.x(end));
        if (right < 0 || left > this.width) return;
        const top = rows[index] * SPAN_PX + 2, width = Math.max(2, right - left - 1);
        pen.fillStyle = this.colours("fill-" + (FILLS[style] || "plain"));
        pen.strokeStyle = this.colours("edge");
        pen.beginPath();
        pen.roundRect(left, top, width, SPAN_PX - 2, 3);
        pen.fill();
        pen.stroke();
        const text = [label, short].find((each) => pen.measureText(each).width < width - 8);
        if (text) {
          pen.fillStyle = this.colours("text");
          pen.fillText(text, Math.max(left, 0) + 5, top + SPAN_PX / 2 - 1);
        }
      });
    }

    levels(pen, data, { height }) {
      const list = data.levels, middle = height / 2;
      let last = -1;
      for (let i = Math.max(0, firstFrom(list, (each) => each[0], this.view.from) - 1); i < list.length; i++) {
        const [start, end, dbfs] = list[i];
        if (start > this.view.to) break;
        const left = Math.max(this.x(start), last), right = Math.max(left + 1, this.x(end));
        const share = clamp((dbfs - FLOOR_DBFS) / -FLOOR_DBFS, 0, 1), half = Math.max(0.5, share * (middle - 2));
        pen.fillStyle = this.colours(share > 0 ? "wave" : "zeros");
        pen.fillRect(left, middle - half, right - left, 2 * half);
        last = right;
      }
    }

    wave(pen, data, { height, peaks }) {
      const { step } = data.wave, middle = height / 2, wave = this.colours("wave"), zeros = this.colours("zeros");
      for (let x = 0; x < this.width; x++) {
        const first = Math.max(0, Math.floor(this.ms(x) / step)), end = Math.min(peaks.length, Math.max(first + 1, Math.floor(this.ms(x + 1) / step)));
        if (first >= peaks.length) break;
        let most = 0;
        for (let i = first; i < end; i++) if (peaks[i] > most) most = peaks[i];
        const half = Math.max(0.5, shares[most] * (middle - 2));
        pen.fillStyle = most ? wave : zeros;
        pen.fillRect(x, middle - half, 1, 2 * half);
      }
    }

    curve(pen, data, { height, pieces }) {
      const { step, thresholds } = data.curve, y = (value) => 3 + (1 - value) * (height - 6);
      pen.strokeStyle = this.colours("warn");
      pen.setLineDash([4, 3]);
      pen.beginPath();
      thresholds.forEach(([at, value], index) => {
        pen.moveTo(this.x(at), y(value));
        pen.lineTo(this.x(index + 1 < thresholds.length ? thresholds[index + 1][0] : this.view.doc.length), y(value));
      });
      pen.stroke();
      for (const [name, colour, dash] of [["honest", "soft", [2, 2]], ["values", "curve", []]]) {
        pen.strokeStyle = this.colours(colour);
        pen.setLineDash(dash);
        pen.beginPath();
        for (const piece of pieces) if (piece[name]) this.line(pen, piece[name], piece.start, step, y);
        pen.stroke();
      }
      pen.setLineDash([]);
    }

    // A line through values in bytes; of several in one pixel the highest and the lowest.
    line(pen, values, start, step, y) {
      const first = clamp(Math.floor((this.view.from - start) / step) - 1, 0, values.length), end = clamp(Math.ceil((this.view.to - start) / step) + 1, 0, values.length);
      const per = Math.max(1, Math.floor((this.view.to - this.view.from) / step / this.width));
      let begun = false;
      for (let i = first; i < end; i += per) {
        let least = 255, most = 0;
        for (let j = i; j < Math.min(end, i + per); j++) {
          if (values[j] < least) least = values[j];
          if (values[j] > most) most = values[j];
        }
        const x = this.x(start + (i + 0.5) * step);
        if (begun) pen.lineTo(x, y(most / 255));
        else pen.moveTo(x, y(most / 255));
        if (least !== most) pen.lineTo(x, y(least / 255));
        begun = true;
      }
    }

    packets(pen, data, { height }) {
      const middle = height / 2;
      pen.fillStyle = this.colours("zeros");
      pen.fillRect(0, middle - 0.5, this.width, 1);
      for (const [end, upSent, upLost, upMade, downSent, downLost, downMade] of data.packets) {
        const left = this.x(end - 1000), right = this.x(end), width = Math.max(1, right - left - 1);
        if (right < 0 || left > this.width) continue;
        for (const [sent, lost, made, sign] of [[upSent, upLost, upMade, -1], [downSent, downLost, downMade, 1]]) {
          if (!sent && !made) continue;
          for (const [count, colour, part] of [[made, "curve", 1], [lost, "bad", 0.6]]) {
            const tall = (middle - 2) * clamp(count / Math.max(sent, count, 1), 0, 1);
            pen.fillStyle = this.colours(colour);
            if (count) pen.fillRect(left, sign < 0 ? middle - tall : middle, width * part, Math.max(2, tall));
          }
        }
      }
    }

    entries(pen, _, { height }) {
      const { entries } = this.view.doc, marks = this.view.doc.marks;
      let last = -9;
      for (let i = firstFrom(entries, (each) => each.t, this.view.from * 1000); i < entries.length; i++) {
        const x = this.x(entries[i].t / 1000);
        if (x > this.width) break;
        if (x - last < 0.5) continue;
        last = x;
        pen.fillStyle = this.colours(entries[i].lane === "server" ? "good" : entries[i].lane === "client" ? "link" : "soft");
        pen.fillRect(x - 0.75, height - 14, 1.5, 12);
      }
      pen.font = "14px system-ui, sans-serif";
      pen.textAlign = "center";
      pen.fillStyle = this.colours("text");
      for (const [at, symbol] of marks) {
        const x = this.x(at);
        if (x >= -8 && x <= this.width + 8) pen.fillText(symbol, clamp(x, 7, this.width - 7), 13);
      }
      const chosen = entries[this.view.chosen];
      if (chosen) {
        pen.strokeStyle = this.colours("focus");
        pen.lineWidth = 2;
        pen.strokeRect(this.x(chosen.t / 1000) - 4, height - 16, 8, 15);
      }
    }

    moveCursor() {
      const any = this.lanes[0] && this.lanes[0].canvas;
      if (!any) return;
      const x = this.x(this.view.cursor);
      this.cursor.hidden = !(x >= -1 && x <= this.width + 1);
      this.cursor.style.left = any.offsetLeft + x + "px";
    }

    // What is at a place of the screen: [a title, an entry or null].
    at(event) {
      const lane = this.lanes.find((each) => each.row.contains(event.target));
      if (!lane || lane.data.axis) return null;
      const box = lane.canvas.getBoundingClientRect(), x = event.clientX - box.left, t = this.ms(x);
      let y = event.clientY - box.top, band = lane.bands[0];
      for (band of lane.bands) {
        if (y < band.height) break;
        y -= band.height;
      }
      if (band.kind !== "entries") {
        const said = this[band.kind + "At"](lane.data, band, t, y);
        return said ? [`${lane.data.name}: ${said}`, null] : null;
      }
      if (y < 24) {
        const near = this.view.doc.marks.filter(([at]) => Math.abs(this.x(at) - x) < 8);
        if (near.length) return [near.map(([at, symbol, text]) => `${symbol} ${seconds(at)} ${text}`).join("\n"), null];
      }
      const index = this.view.nearest(t);
      if (index < 0 || Math.abs(this.x(this.view.doc.entries[index].t / 1000) - x) > 6) return null;
      return ["", index];
    }

    spansAt(data, { rows }, t, y) {
      const row = Math.floor((y - 2) / SPAN_PX), least = 3 * (this.ms(1) - this.ms(0));
      const found = data.spans.find(([start, end], index) => rows[index] === row && start <= t && t <= Math.max(end, start + least));
      return found && `${found[3]}, ${seconds(found[0])} to ${seconds(found[1])}`;
    }

    levelsAt(data, band, t) {
      const found = (data.levels || []).find(([start, end]) => start <= t && t < end);
      return found && `${found[2] <= -99 ? "zeros" : `${found[2]} dBFS`}, ${seconds(found[0])} to ${seconds(found[1])}`;
    }

    waveAt(data, { peaks }, t) {
      const byte = peaks[Math.floor(t / data.wave.step)];
      return byte === undefined ? null : `${byte ? `peak ${(LOWEST_DBFS * (1 - (byte - 1) / 254)).toFixed(0)} dBFS` : "zeros"} at ${seconds(t)}`;
    }

    curveAt(data, { pieces }, t) {
      const { step, thresholds } = data.curve, place = (piece) => Math.floor((t - piece.start) / step);
      const piece = pieces.find((each) => place(each) >= 0 && place(each) < each.values.length);
      if (!piece) return null;
      const threshold = thresholds.filter(([at]) => at <= t).pop(), honest = piece.honest && piece.honest[place(piece)];
      return `probability of speech ${(piece.values[place(piece)] / 255).toFixed(2)}` + (piece.honest ? `, an honest detector's ${(honest / 255).toFixed(2)}` : "") + (threshold ? `, threshold ${threshold[1]}` : "") + ` at ${seconds(t)}`;
    }

    packetsAt(data, band, t) {
      const found = data.packets.find(([end]) => end - 1000 <= t && t < end);
      return found && `up ${found[2]} of ${found[1]} lost, ${found[3]} made up; down ${found[5]} of ${found[4]} lost, ${found[6]} made up; in the second to ${seconds(found[0])}`;
    }

    listen() {
      const { box } = this;
      box.addEventListener("wheel", (event) => {
        const t = this.ms(this.place(event));
        if (event.ctrlKey || event.metaKey || event.altKey || Math.abs(event.deltaY) > Math.abs(event.deltaX)) {
          if (!(event.ctrlKey || event.metaKey || event.altKey) && document.activeElement !== box && !box.contains(document.activeElement)) return;
          event.preventDefault();
          this.view.zoom(Math.exp(clamp(event.deltaY, -300, 300) / 300), t);
        } else if (event.deltaX) {
          event.preventDefault();
          this.view.pan((event.deltaX / this.width) * (this.view.to - this.view.from));
        }
      }, { passive: false });
      box.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        this.pointers.set(event.pointerId, { x: event.clientX, from: event.clientX });
        this.moved = false;
      });
      box.addEventListener("pointermove", (event) => this.drag(event));
      const up = (event) => {
        if (!this.pointers.delete(event.pointerId) || this.moved || event.type === "pointercancel") return;
        const found = this.at(event);
        this.view.show(found && found[1] !== null ? this.view.doc.entries[found[1]].t / 1000 : this.ms(this.place(event)), false);
        if (found && found[1] !== null) this.view.choose(found[1]);
      };
      box.addEventListener("pointerup", up);
      box.addEventListener("pointercancel", up);
      box.addEventListener("pointerleave", () => (this.hover.hidden = true));
      new ResizeObserver(() => this.draw()).observe(box);
      const again = () => this.draw();
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
      this.onPrint = (event) => this.view.print(event.type === "beforeprint");
      for (const name of ["beforeprint", "afterprint"]) addEventListener(name, this.onPrint);
    }

    place(event) {
      return event.clientX - this.lanes[0].canvas.getBoundingClientRect().left;
    }

    drag(event) {
      const own = this.pointers.get(event.pointerId);
      if (!own) return this.show(event);
      const others = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, each]) => each);
      const before = own.x;
      own.x = event.clientX;
      if (Math.abs(own.x - own.from) > 4 && !this.moved) {
        this.moved = true;
        this.box.setPointerCapture(event.pointerId);
        this.hover.hidden = true;
      }
      if (!this.moved) return;
      if (others.length) {
        const other = others[0].x, was = Math.abs(before - other), is = Math.abs(own.x - other);
        if (was > 10 && is > 10) this.view.zoom(was / is, this.ms(this.place({ clientX: (own.x + other) / 2 })));
      } else {
        this.view.pan(((before - own.x) / this.width) * (this.view.to - this.view.from));
      }
    }

    show(event) {
      const found = this.at(event);
      this.hover.hidden = !found;
      if (!found) return;
      this.hover.replaceChildren(found[1] === null ? make("p", { textContent: found[0] }) : this.view.told(found[1]));
      const box = this.box.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
      this.hover.style.left = clamp(x + 14, 0, Math.max(0, box.width - this.hover.offsetWidth - 4)) + "px";
      const below = y + 16, tall = this.hover.offsetHeight;
      this.hover.style.top = (below + tall > box.height ? Math.max(2, y - tall - 8) : below) + "px";
    }
  }

  // Plays the sound of a document; the cursor goes along.
  class Player {
    static playing = null;

    constructor(view) {
      this.view = view;
      this.element = null;
      this.button = view.button("▶ Play", "Play the sound", () => this.toggle());
      this.button.classList.add("play");
    }

    take(doc) {
      this.sound = doc.audio || null;
      this.button.hidden = !this.sound;
      if (!this.sound && this.element) this.element.pause();
    }

    make() {
      const { data, type, url } = this.sound;
      const source = url || URL.createObjectURL(new Blob([bytesOf(data)], { type }));
      this.element = make("audio", { src: source, preload: "auto" });
      for (const name of ["play", "pause", "ended"]) this.element.addEventListener(name, () => this.changed());
      this.element.addEventListener("error", () => this.view.say(`This browser cannot play ${type}.`));
    }

    toggle() {
      if (!this.sound) return this.view.say("This run has no sound: only the levels were kept.");
      if (!this.element) this.make();
      if (!this.element.paused) return this.element.pause();
      if (Player.playing && Player.playing !== this) Player.playing.element.pause();
      Player.playing = this; // of several pictures in a page one is heard
      this.seek(this.view.cursor >= this.view.doc.length - 50 ? 0 : this.view.cursor);
      this.element.play().catch(() => {});
    }

    seek(ms) {
      if (this.element) this.element.currentTime = ms / 1000;
    }

    changed() {
      const plays = !this.element.paused;
      this.button.textContent = plays ? "❚❚ Pause" : "▶ Play";
      this.button.ariaLabel = plays ? "Pause the sound" : "Play the sound";
      if (plays) this.follow();
    }

    follow() {
      if (this.element.paused) return;
      this.view.played(this.element.currentTime * 1000);
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) setTimeout(() => this.follow(), 500);
      else requestAnimationFrame(() => this.follow());
    }
  }

  class View {
    constructor(element, doc, options) {
      this.options = { parts: ["diagnosis", "findings", "lanes", "marks", "entries"], words: null, lists: null, follow: false, keys: true, length: 0, moved: () => {}, heading: 2, name: "", ...options };
      this.element = element;
      this.doc = doc;
      this.chosen = -1;
      this.finding = -1;
      this.root = make("div", { className: "picture" });
      element.append(this.root);
      this.roots = [this.options.words, null, this.options.lists].map((place) => {
        if (!place) return this.root;
        const root = make("div", { className: "picture" });
        place.append(root);
        return root;
      });
      this.build();
      this.from = 0;
      this.to = this.length;
      this.cursor = 0;
      this.fill();
      this.open();
      this.onKey = (event) => this.key(event);
      (this.options.keys ? document : this.root).addEventListener("keydown", this.onKey);
    }

    // The length of the axis.
    get length() {
      return Math.max(1000, this.doc.length, this.options.length);
    }

    // The name of a part, which no other picture in the page has.
    called(part) {
      return this.options.name ? `${part}, ${this.options.name}` : part;
    }

    has(part) {
      return this.options.parts.includes(part);
    }

    build() {
      this.diagnosis = make("section", { ariaLabel: this.called("Diagnosis") });
      this.findings = make("section", { ariaLabel: this.called("Findings") });
      this.lanes = new Lanes(this);
      this.player = new Player(this);
      this.clock = make("output", { ariaLabel: "Time of the cursor" });
      this.tools = make("div", { className: "tools", role: "toolbar", ariaLabel: this.called("Playing and zooming") }, this.player.button,
        this.button("−", "Zoom out", () => this.zoom(1.6)), this.button("+", "Zoom in", () => this.zoom(1 / 1.6)),
        this.button("Whole run", "Show the whole run", () => this.range(0, this.length)),
        (this.previousButton = this.button("◂ Finding", "Previous finding", () => this.step(-1))),
        (this.nextButton = this.button("Finding ▸", "Next finding", () => this.step(1))),
        this.button("?", "Keys", () => this.help.showModal()), this.clock);
      this.sides = make("p", { className: "soft" });
      this.details = make("div", { className: "details" });
      this.details.setAttribute("aria-live", "polite");
      this.help = make("dialog", { ariaLabel: "Keys" }, make("h2", { textContent: "Keys" }),
        make("table", {}, make("tbody", {}, ...KEYS.map(([key, what]) => make("tr", {}, make("td", {}, make("kbd", { textContent: key })), make("td", { textContent: what }))))),
        this.button("Close", "Close the help", () => this.help.close()));
      this.search = make("input", { type: "search", ariaLabel: "Search in the entries", placeholder: "Search" });
      this.search.addEventListener("input", () => this.list());
      this.rows = make("tbody");
      this.more = make("p", { className: "soft" });
      this.entries = make("details", { className: "entries" }, make("summary", { textContent: "Entries of the journal in view" }), make("p", {}, this.search),
        make("table", {}, make("thead", {}, make("tr", {}, ...["time", "lane", "entry", "fields"].map((each) => make("th", { scope: "col", textContent: each })))), this.rows), this.more);
      this.entries.addEventListener("toggle", () => this.list());
      this.marks = make("section", { className: "marks", ariaLabel: this.called("What happened") });
      const [words, , lists] = this.roots;
      if (this.has("diagnosis")) words.append(this.diagnosis);
      if (this.has("findings")) words.append(this.findings);
      if (this.has("lanes")) this.root.append(this.tools, this.lanes.box, this.sides, this.details, this.help);
      if (this.has("marks")) lists.append(this.marks);
      if (this.has("entries")) lists.append(this.entries);
    }

    button(text, name, action) {
      const made = make("button", { type: "button", textContent: text, title: name });
      if (text !== name) made.ariaLabel = name;
      made.addEventListener("click", action);
      return made;
    }

    headline(text) {
      return make(`h${this.options.heading}`, { className: "part", textContent: text });
    }

    moment(at) {
      const made = make("button", { type: "button", className: "moment", textContent: seconds(at) });
      made.ariaLabel = `Go to ${seconds(at)}`;
      made.addEventListener("click", () => this.show(at));
      return made;
    }

    // --- filling -----------------------------------------------------------------------------------------------------

    fill() {
      this.fillDiagnosis();
      this.fillFindings();
      this.fillMarks();
      this.lanes.take(this.doc);
      this.player.take(this.doc);
      this.sides.textContent = this.doc.audio ? `Sound: left ${this.doc.audio.left}, right ${this.doc.audio.right}.` : "No sound: this picture was made of a journal, which keeps levels only.";
      this.list();
    }

    fillDiagnosis() {
      const found = this.doc.diagnosis, key = JSON.stringify(found);
      if (key === this.diagnosed) return; // what has the focus, or is read out, stays
      this.diagnosed = key;
      if (!found) return this.diagnosis.replaceChildren();
      const said = found.cause ? `silent: ${found.words}` : { answered: "answered: there is no silence", quiet: "quiet: there was nothing to answer" }[found.state] || `${found.state}: entries are missing where an answer would be`;
      const states = { works: "works", broken: "broken", after: "not reached", unknown: "not known" };
      this.diagnosis.replaceChildren(
        this.headline("Diagnosis"),
        make("p", {}, make("strong", { textContent: said }), ...this.since(found), `, confidence ${Math.round(found.confidence * 100)} %`),
        make("ol", { className: "chain", ariaLabel: "From what was said to what was heard" }, ...found.chain.map(({ link, state }) =>
          make("li", { className: state }, (state === "broken" ? "✖ " : state === "works" ? "✔ " : "") + link, make("span", { className: "hidden", textContent: `: ${states[state]}` })))),
        this.evidence(found.evidence));
    }

    since(found) {
      if (found.since === null) return [];
      const cause = this.moment(found.since);
      if (!found.cause || !found.silence) return [" since ", cause];
      return [`; ${found.silence.label}, since `, this.moment(found.silence.at), ", this cause is seen since ", cause];
    }

    evidence(lines) {
      return make("ul", { className: "evidence" }, ...lines.map(({ text, at }) => make("li", {}, text, at === null ? "" : " → ", at === null ? "" : this.moment(at))));
    }

    fillFindings() {
      const { findings } = this.doc;
      this.previousButton.disabled = this.nextButton.disabled = !findings.length;
      this.findings.replaceChildren();
      if (!findings.length) return;
      this.findings.append(this.headline(findings.length > 1 ? `${findings.length} findings` : "Finding"));
      this.cards = findings.map((each) => {
        const card = make("article", { className: "finding " + each.severity }, make(`h${this.options.heading + 1}`, {}, `${each.severity === "warn" ? "!" : "✖"} ${each.name} at `, this.moment(each.at)), make("p", { textContent: each.reason }));
        if (each.cause) card.append(make("p", {}, "cause: ", make("code", { textContent: each.cause })));
        if (each.evidence.length) card.append(this.evidence(each.evidence));
        return card;
      });
      this.findings.append(...this.cards);
    }

    // What happened, in words; what happened alike several times is one line.
    fillMarks() {
      const alike = new Map();
      for (const [at, symbol, text] of this.doc.marks) {
        const found = alike.get(symbol + text) || { at, symbol, text, times: 0 };
        alike.set(symbol + text, Object.assign(found, { last: at, times: found.times + 1 }));
      }
      this.marks.replaceChildren();
      if (!alike.size) return;
      this.marks.append(this.headline("What happened"), make("ul", {}, ...[...alike.values()].slice(0, MOST_ROWS).map(({ at, last, times, symbol, text }) =>
        make("li", {}, this.moment(at), make("span", { className: "symbol", textContent: symbol, ariaHidden: "true" }), text + (times > 1 ? ` (${times} times until ${seconds(last)})` : "")))));
    }

    // The entries in view, as a table.
    list() {
      if (!this.has("entries") || !this.entries.open || this.still) return;
      const { entries } = this.doc, words = this.search.value.toLowerCase();
      const found = [];
      let count = 0;
      for (let i = firstFrom(entries, (each) => each.t, this.from * 1000); i < entries.length && entries[i].t <= this.to * 1000; i++) {
        if (words && !JSON.stringify(entries[i]).toLowerCase().includes(words)) continue;
        if (count++ < MOST_ROWS) found.push(i);
      }
      this.rows.replaceChildren(...found.map((i) => {
        const { t, lane, kind, ...fields } = entries[i], at = this.moment(t / 1000);
        at.addEventListener("click", () => this.choose(i));
        return make("tr", { className: i === this.chosen ? "now" : "" }, make("td", {}, at), make("td", { textContent: lane }), make("td", { textContent: kind }), make("td", {}, make("code", { textContent: Object.keys(fields).length ? JSON.stringify(fields) : "" })));
      }));
      this.more.textContent = count > found.length ? `${count - found.length} more in view: zoom in, or search` : count ? "" : "none in view";
    }

    told(index) {
      const entry = this.doc.entries[index];
      return make("div", {}, make("strong", { textContent: `${entry.lane} ${entry.kind} at ${seconds(entry.t / 1000)}` }), make("pre", { textContent: JSON.stringify(entry, null, 1) }));
    }

    // --- moving ------------------------------------------------------------------------------------------------------

    open() {
      const { doc } = this;
      if (this.options.follow) return this.range(Math.max(0, doc.length - PART_MS), doc.length), this.show(doc.length, false);
      if (doc.findings.length) return this.step(1, true);
      this.show(doc.diagnosis && doc.diagnosis.since !== null ? doc.diagnosis.since : 0);
      if (doc.length <= WHOLE_UP_TO_MS) this.range(0, this.length);
    }

    range(from, to) {
      const most = this.length, length = clamp(to - from, LEAST_VIEW_MS, most);
      this.from = clamp(from, 0, most - length);
      this.to = this.from + length;
      this.lanes.draw();
      this.list();
      this.options.moved(this);
    }

    zoom(factor, around) {
      const at = around === undefined ? clamp(this.cursor, this.from, this.to) : around, length = clamp((this.to - this.from) * factor, LEAST_VIEW_MS, this.length);
      const share = (at - this.from) / (this.to - this.from);
      this.range(at - share * length, at + (1 - share) * length);
    }

    pan(ms) {
      this.range(this.from + ms, this.to + ms);
    }

    say(text) {
      this.details.replaceChildren(make("p", { textContent: text }));
    }

    // The cursor while sound plays: the view turns a page when the cursor reaches its end.
    played(at) {
      this.place(at);
      const length = this.to - this.from;
      if (this.cursor > this.to || this.cursor < this.from) this.range(this.cursor - length * 0.05, this.cursor + length * 0.95);
      this.lanes.moveCursor();
      this.options.moved(this);
    }

    place(at) {
      this.cursor = clamp(at, 0, this.length);
      this.clock.textContent = `${seconds(this.cursor)} of ${seconds(this.doc.length)}`;
    }

    show(at, bring = true) {
      this.place(at);
      this.player.seek(this.cursor);
      const length = this.to - this.from;
      if (bring && (this.cursor < this.from || this.cursor > this.to)) this.range(this.cursor - length / 2, this.cursor + length / 2);
      this.lanes.moveCursor();
      this.options.moved(this);
    }

    // On paper: the whole run, dark on light; afterwards all is as before.
    print(begins) {
      document.documentElement.classList.toggle("paper", begins);
      if (begins) this.kept = [this.from, this.to];
      if (this.kept) [this.from, this.to] = begins ? [0, this.length] : this.kept;
      this.lanes.drawNow();
    }

    // Show what another view shows, and its cursor.
    follow(other) {
      [this.from, this.to] = [other.from, other.to];
      this.place(other.cursor);
      this.lanes.draw();
      this.list();
    }

    step(by, opening = false) {
      const { findings } = this.doc;
      if (!findings.length) return;
      this.finding = (this.finding + by + findings.length + (this.finding < 0 && by < 0 ? 1 : 0)) % findings.length;
      const found = findings[this.finding];
      if (this.to - this.from > WHOLE_UP_TO_MS) this.range(found.at - PART_MS / 2, found.at + PART_MS / 2);
      this.show(found.at);
      if (this.cards) this.cards.forEach((card, index) => card.classList.toggle("chosen", index === this.finding));
      if (!opening) this.say(`${found.name} at ${seconds(found.at)}: ${found.reason}`);
    }

    nearest(ms) {
      const { entries } = this.doc, after = firstFrom(entries, (each) => each.t, ms * 1000);
      if (after >= entries.length) return entries.length - 1;
      return after > 0 && ms * 1000 - entries[after - 1].t < entries[after].t - ms * 1000 ? after - 1 : after;
    }

    choose(index) {
      if (!this.doc.entries[index]) return;
      this.chosen = index;
      this.details.replaceChildren(this.told(index));
      this.show(this.doc.entries[index].t / 1000);
      this.lanes.draw();
      this.list();
    }

    key(event) {
      const { target } = event;
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || this.help.open) return;
      if (target.closest && target.closest("input, textarea, select, [contenteditable]")) return;
      const step = ((this.to - this.from) / 100) * (event.shiftKey ? 10 : 1);
      const actions = {
        " ": () => this.player.toggle(), ArrowLeft: () => this.show(this.cursor - step), ArrowRight: () => this.show(this.cursor + step),
        "+": () => this.zoom(1 / 1.6), "=": () => this.zoom(1 / 1.6), "-": () => this.zoom(1.6), 0: () => this.range(0, this.length),
        Home: () => this.show(0), End: () => this.show(this.doc.length), n: () => this.step(1), p: () => this.step(-1),
        ",": () => this.choose(this.chosen < 0 ? this.nearest(this.cursor) : this.chosen - 1), ".": () => this.choose(this.chosen < 0 ? this.nearest(this.cursor) : this.chosen + 1),
        "?": () => this.help.showModal(),
      };
      if (!actions[event.key] || (event.key === " " && target.closest && target.closest("button, summary, a"))) return;
      event.preventDefault();
      actions[event.key]();
    }

    // --- what a caller uses ------------------------------------------------------------------------------------------

    update(doc) {
      const follows = this.to >= this.doc.length - 1, whole = this.from === 0 && follows && !this.options.follow, length = this.to - this.from;
      const atEnd = this.cursor >= this.doc.length - 1;
      this.doc = doc;
      this.still = this.rows.contains(document.activeElement); // the table is not made anew under the keyboard
      this.fill();
      if (whole) this.range(0, this.length);
      else if (follows) this.range(doc.length - (this.from ? length : PART_MS), doc.length); // a run that has begun grows first
      this.show(follows && atEnd ? doc.length : this.cursor, false);
      this.still = false;
    }

    remove() {
      if (this.player.element) this.player.element.pause();
      document.removeEventListener("keydown", this.onKey);
      for (const name of ["beforeprint", "afterprint"]) removeEventListener(name, this.lanes.onPrint);
      this.roots.forEach((root) => root.remove());
    }
  }

  globalThis.drawPicture = (element, doc, options) => new View(element, doc, options);
})();
