/** Milliseconds since the epoch, with a fraction. */
export const clock = () => performance.timeOrigin + performance.now();
