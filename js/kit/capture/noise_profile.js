/**
 * What the room sounds like while nobody speaks, and whether the capture still matches it.
 *
 * A quiet room is not silence: its noise has a level and a shape that hardly change from one half second to the next.
 * What does not match a real room, and when a sound is suspicious, is told in
 * `harness/clients/capture/noise_profile.py`.
 */

import { MS, pushLatest, SECOND } from "../units.js";
import { NOISE_FRAME_US, NoiseFrameMeter } from "./noise_frames.js";

/** The least share of neighbours that jump in restless noise. */
const RESTLESS_SHARE = 0.3;
/** The frames of one noise differ by less than this factor of power, 5 dB. */
const STEADY = 3;
/** The square of the peak over the power of a frame: 15 for white noise, more for keys, below this for dither. */
const FLAT_CREST = 9;
/** Mean square of 2 LSB, -84 dBFS: below the noise of any microphone. */
const HOLLOW_POWER = 4;
/** A factor of power, 12 dB: so much quieter than before is muted or muffled. */
const FAR_BELOW = 16;
/** What a frame adds to the suspicion, by how it differs from the room. */
const [KNOWN, LOUDER, OTHER, FLAT] = [-2, 0.5, 1, 2];
/** The loudest voice is forgotten gradually while others speak: by 12 dB in a minute of speech. */
const VOICE_FADES_US = 20 * SECOND;
/** After a muffled capture is opened again, the voice from before counts 6 dB less: it may have become softer. */
const SOFTER_VOICE = 4;
/** Two frames within this factor of power, 1 dB, are equally loud: those of one noise differ by 2 %. */
const SAME_POWER = 1.26;
/** Two frames within this factor have a similar crest: 15 for white noise, 3 for even noise. */
const SAME_CREST = 2;
/** The highest suspicion at which a capture is opened again: an hour of frames. */
const LONGEST_PATIENCE = 7200;
/** Frames: a minute. It is not longer because a microphone that another app held returns without a signal. */
const LONGEST_HOLLOW = 120;
/** Frames that are remembered: a minute. */
const MOST_KNOWN = 120;

/** Learns the background of a room. A sound that stands out proves that the background before it was the room's. */
export class NoiseProfile {
  #deadFrames;
  #movedPatience;
  /** The background while the capture was known to work. */
  #known = [];
  /** The mean share of jumps in the known frames. */
  #jumping = 0;
  /** The frames since the last sound that stood out. */
  #latest = [];
  /** Frames without peaks before a sound that stood out; a voice decides about them. */
  #unsure = [];
  /** Whether the capture was opened again, and no voice was captured since. */
  #reopened = false;
  #patience;
  /** How much the frames since suggest that the capture is dead; at `#patience` it is suspected. */
  #suspicion = 0;
  /** So many true values in `#hollow` mean a dead capture. */
  #hollowLimit;
  /** Whether each of the latest frames was almost nothing, or muffled; voices in between change nothing. */
  #hollow = [];
  #mostHollow;
  /** Whether the latest frame was 12 dB quieter than the room. */
  #hushed = false;
  /** Whether a voice since then was 12 dB quieter than those before. */
  #muffled = false;
  /** The loudest voice that was not muffled: the mean square of 20 ms of it. */
  #voice = 0;
  /** Whether the app returned from the background, and the capture was not proven to work since. */
  #returned = false;
  #meter = new NoiseFrameMeter();
  /** The mean square of the quietest frame that is known; 0: none is. */
  floor = 0;

  constructor(settings) {
    const frames = (ms) => Math.floor((ms * MS) / NOISE_FRAME_US);
    this.#deadFrames = Math.max(4, frames(settings.capture_dead_ms));
    this.#movedPatience = Math.max(1, frames(settings.capture_moved_ms));
    this.#patience = Math.max(1, frames(settings.capture_unproven_ms));
    this.#hollowLimit = this.#deadFrames;
    this.#mostHollow = 2 * this.#deadFrames;
  }

  /** The capture was opened again. */
  reopened() {
    if (this.#suspicion >= this.#patience) this.#patience = Math.min(LONGEST_PATIENCE, 2 * this.#patience);
    if (count(this.#hollow) >= this.#hollowLimit) this.#hollowLimit = Math.min(LONGEST_HOLLOW, 2 * this.#hollowLimit);
    if (this.#muffled) this.#voice /= SOFTER_VOICE;
    this.#hollow = [];
    this.#mostHollow = 2 * this.#hollowLimit;
    this.#suspicion = 0;
    this.#returned = this.#hushed = this.#muffled = false;
    this.#reopened = true;
    this.#unsure = [];
    this.#forgetLatest();
  }

  /** The app returned from the background: another microphone may be in use now. */
  returned() {
    this.#returned = true;
    this.#forgetLatest();
  }

  /** A chunk without a voice, and without a sound that stands out. */
  background(captured) {
    const frame = this.#meter.chunk(captured);
    if (frame === null) return;
    pushLatest(this.#latest, frame, this.#deadFrames);
    this.#hushed = FAR_BELOW * frame.power < this.floor;
    this.#suspicion = Math.max(0, this.#suspicion + this.#suspicionOf(frame));
    const isAlmostNothing = frame.power < HOLLOW_POWER && (this.#hushed || !this.#known.length);
    pushLatest(this.#hollow, isAlmostNothing || (this.#hushed && this.#muffled), this.#mostHollow);
  }

  /**
   * A chunk of a voice; `power`: the mean square of the loudest 20 ms in the latest 800 ms.
   *
   * It proves that the capture works and that the frames before it were the room's, unless they do not match the room,
   * or the voice is muffled. `mayBeEcho`: the voice may be the assistant's own from the loudspeaker, which is quieter
   * without being muffled.
   */
  voice(power, durationUs, mayBeEcho) {
    if (this.#isMuffled(power)) {
      if (!mayBeEcho) {
        this.#muffled = true;
        this.#forgetLatest();
      }
      return;
    }
    this.#muffled = false;
    const before = this.mismatch ? [] : [...this.#unsure, ...this.#latest];
    this.#proven(this.#reopened ? before : before.filter((frame) => frame.crest > FLAT_CREST));
    this.#unsure = [];
    this.#reopened = false;
    if (this.#voice && power > FAR_BELOW * this.#voice) this.#forgetMuffled();
    this.#voice = Math.max(power, this.#voice * (1 - durationUs / VOICE_FADES_US));
  }

  /** A chunk with a sound that stands out; it proves the same as a voice, except of frames without peaks. */
  stoodOut(power) {
    if (this.mismatch || this.#isMuffled(power)) {
      this.#proven([]);
      return;
    }
    for (const frame of this.#latest) {
      if (frame.crest <= FLAT_CREST) pushLatest(this.#unsure, frame, this.#deadFrames);
    }
    this.#proven(this.#latest.filter((frame) => frame.crest > FLAT_CREST));
  }

  /** Whether the latest background does not match the room: the capture is dead, muffled or another microphone. */
  get mismatch() {
    if (this.#suspicion >= this.#patience || count(this.#hollow) >= this.#hollowLimit) return true;
    if (this.#latest.length < this.#deadFrames) return false;
    const powers = this.#latest.map((frame) => frame.power);
    if (Math.max(...powers) > STEADY * Math.min(...powers)) return false;
    return this.#isRestless() || (this.#returned && this.#known.length > 0 && this.#isOtherMicrophone());
  }

  #isMuffled(power) {
    return this.#hushed && FAR_BELOW * power < this.#voice;
  }

  /** The voice became 12 dB louder. Forget the frames that are as much below the latest one: they were muffled. */
  #forgetMuffled() {
    const latest = this.#known.at(-1);
    this.#know(this.#known.filter((frame) => FAR_BELOW * frame.power >= latest.power));
  }

  /** The capture works, and these frames are the room's. */
  #proven(learned) {
    const audible = learned.filter((frame) => frame.power >= HOLLOW_POWER);
    if (audible.length) {
      this.#know([...this.#known, ...audible]);
      this.#hollowLimit = this.#deadFrames;
    }
    this.#patience = this.#movedPatience;
    this.#suspicion = 0;
    this.#returned = false;
    this.#forgetLatest();
  }

  #know(frames) {
    this.#known = frames.slice(-MOST_KNOWN);
    this.floor = this.#known.length ? Math.min(...this.#known.map((frame) => frame.power)) : 0;
    this.#jumping = meanJumping(this.#known);
  }

  /** How much a frame suggests that the capture is dead; negative: it suggests that it works. */
  #suspicionOf(frame) {
    if (this.#isKnown(frame)) return KNOWN;
    if (frame.crest <= FLAT_CREST) return FLAT;
    return this.#known.length && frame.power >= this.floor ? LOUDER : OTHER;
  }

  /** Whether the capture sounded like this frame while it was known to work. */
  #isKnown(frame) {
    return this.#known.some(
      (known) => within(frame.power, known.power, SAME_POWER) && within(frame.crest, known.crest, SAME_CREST),
    );
  }

  /** Whether at most a quarter of the latest frames are known. */
  #isOtherMicrophone() {
    return 4 * count(this.#latest.map((frame) => this.#isKnown(frame))) <= this.#latest.length;
  }

  /** Whether the latest frames have no peaks, and jump from chunk to chunk more than the room does. */
  #isRestless() {
    const flat = count(this.#latest.map((frame) => frame.crest <= FLAT_CREST));
    const jumping = meanJumping(this.#latest);
    return 4 * flat >= 3 * this.#latest.length && jumping >= Math.max(RESTLESS_SHARE, 2 * this.#jumping);
  }

  #forgetLatest() {
    this.#latest = [];
    this.#meter.restart();
  }
}

function count(flags) {
  return flags.reduce((sum, flag) => sum + (flag ? 1 : 0), 0);
}

function meanJumping(frames) {
  return frames.reduce((sum, frame) => sum + frame.jumping, 0) / Math.max(1, frames.length);
}

function within(one, other, factor) {
  return one <= factor * other && other <= factor * one;
}
