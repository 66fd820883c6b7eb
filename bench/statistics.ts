import type { ContestantName, Row } from "./types.ts";

/** The middle one, or the mean of the two in the middle; NaN of nothing. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Linear interpolation between the two nearest ranks. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)];
  const high = sorted[Math.ceil(at)];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** Samples of one figure, gathered contestant by contestant. */
export class Samples {
  readonly #samples: Partial<Record<ContestantName, number[]>> = {};

  add(contestant: ContestantName, ...samples: number[]): void {
    this.#samples[contestant] = [...(this.#samples[contestant] ?? []), ...samples];
  }

  toRow(row: Pick<Row, "title" | "unit" | "better" | "note"> & { digits?: number }): Row {
    const values = Object.fromEntries(
      Object.entries(this.#samples).map(([name, samples]) => [name, median(samples)]),
    );
    return { digits: 1, ...row, values, samples: this.#samples };
  }
}
