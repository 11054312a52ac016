/** The public names of the kit. */

export { Chunk, chunkOfFloats } from "./chunk.js";
export { CaptureMonitor } from "./capture/monitor.js";
export { Heartbeat, Redial } from "./connection.js";
export { encode, fromBase64, toBase64 } from "./events.js";
export { FirstChunkLog, Gate } from "./gate.js";
export { Interruption, Watchdog } from "./interruption.js";
export { PlaybackMeter } from "./playback.js";
export { RecoveryLadder } from "./recovery/ladder.js";
export { STRATEGIES } from "./recovery/strategies.js";
export { RecoverySupervisor } from "./recovery/supervisor.js";
export { DETECTOR_NAMES } from "./recovery/symptoms.js";
export { REFERENCE_SETTINGS, referenceClient } from "./reference.js";
export { ConversationHistory, UnansweredSpeech } from "./replay.js";
export { DEFAULTS, settingsFromQuery, withChanges } from "./settings.js";
export { VoiceClient } from "./voice_client.js";
