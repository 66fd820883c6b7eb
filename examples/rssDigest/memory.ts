import { blob } from "https://esm.town/v/std/blob/main.ts";
import type { Item } from "./feed.ts";

export interface Memory {
  /** The ids that each feed had the last time, by its address. */
  seen: Record<string, string[]>;
  /** The last digest that was mailed. */
  news: Item[];
  /** What went wrong at the last run. */
  failures: string[];
  /** When that run was; empty before the first one. */
  at: string;
}

const KEY = "digest.json";

export async function recall(): Promise<Memory> {
  return (await blob.getJSON(KEY)) ?? { seen: {}, news: [], failures: [], at: "" };
}

export async function remember(memory: Memory): Promise<void> {
  await blob.setJSON(KEY, memory);
}
