/** The record of a build, beside what it made. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Lock } from "../wire/lock.ts";

const Pin = z.object({
  valId: z.string(),
  username: z.string(),
  valName: z.string(),
  version: z.number(),
  branch: z.string(),
  floating: z.boolean(),
});

const Diagnostic = z.object({
  file: z.string().exactOptional(),
  line: z.number().exactOptional(),
  column: z.number().exactOptional(),
  message: z.string(),
  hint: z.string().exactOptional(),
});

const Schema = z.object({
  builder: z.object({ esbuild: z.string(), deno: z.string(), format: z.number() }),
  key: z.string(),
  entry: z.string(),
  level: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  /** Why the level is not 0. */
  reasons: z.array(z.string()),
  pins: z.array(Pin),
  /** Paths of the val's own modules, with the SHA-256 of their texts. */
  own: z.record(z.string(), z.string()),
  /** URLs of other vals' modules and of the standard library's. */
  others: z.array(z.string()),
  /** Packages in the bundle, as the lock calls them. */
  packages: z.array(z.string()),
  specifiers: z.array(z.string()),
  /** From an import to what it means, where that is another. */
  aliases: z.record(z.string(), z.string()),
  warnings: z.array(Diagnostic),
  bytes: z.object({ code: z.number(), map: z.number() }),
});

export type Graph = z.infer<typeof Schema>;

/** Of an artifact; undefined when there is none that can be read. */
export async function readGraph(folder: string): Promise<Graph | undefined> {
  try {
    return Schema.parse(JSON.parse(await readFile(join(folder, "graph.json"), "utf8")));
  } catch {
    return undefined;
  }
}

/** The lock of an artifact, to pin the next build's packages to; undefined when it cannot be read. */
export async function readLock(folder: string): Promise<Lock | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, "lock.json"), "utf8"));
  } catch {
    return undefined;
  }
}
