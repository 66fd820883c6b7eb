/** The pool's only door to time. */
export interface Clock {
  /** Milliseconds that never go back. */
  now(): number;
  /** Epoch milliseconds. */
  wall(): number;
  /** Run once after `ms`; returns what cancels it. */
  after(ms: number, run: () => void): () => void;
  /** Run every `ms`; returns what stops it. */
  every(ms: number, run: () => void): () => void;
}

export const realClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  every(ms, run) {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  },
};
