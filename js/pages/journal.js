/** What the page shows of itself: to a driver that listens (`stillthere run --page`), in the console, on the page. */

import { FULL_SCALE } from "../kit/units.js";

const EVERY_MS = 200;
const MOST_LINES = 200;

/** Note something that happened. */
export function note(kind, fields) {
  globalThis.stillthere?.note(kind, fields);
  if (kind === "levels") return;
  const line = `${(performance.now() / 1000).toFixed(3)} ${kind} ${JSON.stringify(fields)}`;
  console.info(line);
  const log = document.querySelector("#log");
  log.prepend(`${line}\n`);
  while (log.childNodes.length > MOST_LINES) log.lastChild.remove();
}

/** The levels before and behind the gate, five times a second: RMS relative to full scale. */
export class Levels {
  #before = 0;
  #behind = 0;
  #samples = 0;
  #noteAt = 0;

  /** A chunk was captured, and these bytes were sent for it; null: nothing was sent. */
  chunk(chunk, sent, assistantSpeaking) {
    this.#before += chunk.energy;
    this.#samples += chunk.size;
    if (sent?.some((byte) => byte)) this.#behind += chunk.energy;
    const now = performance.now();
    if (now < this.#noteAt) return;
    const level = (energy) => Number((Math.sqrt(energy / this.#samples) / FULL_SCALE).toFixed(5));
    note("levels", { before: level(this.#before), behind: level(this.#behind), speaking: assistantSpeaking });
    this.#before = this.#behind = this.#samples = 0;
    this.#noteAt = now + EVERY_MS;
  }
}
