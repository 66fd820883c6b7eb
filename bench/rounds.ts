import type { Bench, ContestantName, Running, Vals } from "./types.ts";

/** Start those of them that take part with the same vals, let `use` work, and stop all of them whatever happens. */
export async function withContestants(
  bench: Bench,
  names: readonly ContestantName[],
  vals: Vals,
  use: (running: ReadonlyMap<ContestantName, Running>) => Promise<void>,
  memory?: string,
): Promise<void> {
  const running = new Map<ContestantName, Running>();
  try {
    for (const name of names) {
      const contestant = bench.contestants.get(name);
      if (!contestant) continue;
      const started = await attempt(bench, name, () => contestant.start(vals, memory));
      if (started) running.set(name, started);
    }
    await use(running);
  } finally {
    await Promise.all([...running.values()].map((one) => one.stop()));
  }
}

/** Rounds in turn, so that a slower minute of the machine hits everybody alike. */
export async function inTurn(
  bench: Bench,
  names: readonly ContestantName[],
  vals: Vals,
  once: (name: ContestantName, running: Running) => Promise<void>,
): Promise<void> {
  await withContestants(bench, names, vals, async (running) => {
    for (let round = 1; round <= bench.rounds; round++) {
      for (const [name, one] of running) {
        bench.progress(`round ${round}: ${name}`);
        await attempt(bench, name, () => once(name, one));
      }
    }
  });
}

/** One after the other, each alone on the machine; `memory` as in `Contestant.start`. */
export async function eachAlone(
  bench: Bench,
  names: readonly ContestantName[],
  vals: Vals,
  once: (name: ContestantName, running: Running) => Promise<void>,
  memory?: string,
): Promise<void> {
  for (const name of names) {
    bench.progress(name);
    const use = async (running: ReadonlyMap<ContestantName, Running>) => {
      for (const one of running.values()) await attempt(bench, name, () => once(name, one));
    };
    await withContestants(bench, [name], vals, use, memory);
  }
}

async function attempt<T>(
  bench: Bench,
  name: ContestantName,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    bench.failed(name, error);
    return undefined;
  }
}
