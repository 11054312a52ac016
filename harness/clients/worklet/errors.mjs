// What a user's code raised: in words, and where.

/** What is wrong with a worklet, in words of ours; `file` is where, `line` too if it is known. */
export class WorkletError extends Error {
  constructor(message, file = null, line = null) {
    super(message);
    this.place = { file, line };
  }
}

export function describe(error) {
  if (!(error instanceof Error) && !(error && typeof error === 'object' && 'message' in error)) return String(error);
  return error.message ? `${error.name}: ${error.message}` : String(error.name);
}

/** An error as the other side tells it: `what`, the part that raised it, its file and its line. */
export function placed(error, { file, page, files = [] }) {
  if (error instanceof WorkletError) return { what: error.message, part: null, file, ...dropNull(error.place) };
  const { part = null, cause = error, seconds = null } = error?.stillthere ?? {};
  const stack = typeof cause?.stack === 'string' ? cause.stack : '';
  let found = null;
  for (const each of [...files, file, page].filter(Boolean)) {
    const at = stack.indexOf(`${each}:`);
    const line = at < 0 ? NaN : parseInt(stack.slice(at + each.length + 1), 10);
    if (line > 0 && (!found || at < found.at)) found = { at, file: each, line };
  }
  return { what: describe(cause), part, seconds, file: found?.file ?? file, line: found?.line ?? null };
}

const dropNull = (place) => Object.fromEntries(Object.entries(place).filter(([, value]) => value !== null));
