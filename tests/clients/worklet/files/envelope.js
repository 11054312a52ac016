export const follow = (envelope, sample) => Math.max(Math.abs(sample), 0.999 * envelope);
