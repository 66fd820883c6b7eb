import { type Circle, circlesSince } from "./circles.ts";

type Listener = (circles: Circle[]) => void;

const EVERY_MS = 40;
const ALIVE_MS = 15_000;
const listeners = new Set<Listener>();
let seen = 0;
let asking = false;

/** Tells where all circles are, then each move of any of them. Call the result to hear no more. */
export function watch(listener: Listener): () => void {
  // First of all, so that no move is missed; what is told twice is the same twice.
  listeners.add(listener);
  circlesSince(0).then((circles) => listeners.has(listener) && listener(circles));
  if (!asking) ask();
  return () => void listeners.delete(listener);
}

/**
 * A val may run in several workers, which share the database and nothing else: each asks it for what is new, once for
 * all its listeners, as long as it has any.
 */
async function ask(): Promise<void> {
  asking = true;
  let told = performance.now();
  while (listeners.size > 0) {
    const circles = await circlesSince(seen).catch(() => []);
    seen = circles.at(-1)?.change ?? seen;
    // Now and then nothing, which finds out who has left.
    if (circles.length > 0 || performance.now() - told > ALIVE_MS) {
      for (const listener of listeners) listener(circles);
      told = performance.now();
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  asking = false;
}
