/** An artifact as one version of a val has it: it is told who it is. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { versionedModuleUrl } from "../val/address.ts";
import type { Artifacts, Files } from "./artifact.ts";
import { readGraph } from "./graph.ts";
import { hashOf } from "./key.ts";
import type { Identity } from "./types.ts";
import { assembleUnbundled } from "./unbundled.ts";

/** Goes before the paths of a val's own modules in its map. Nobody's source can hold it: it is made of the source. */
export function placeholderOf(key: string): string {
  return `hamlet:${key}/`;
}

/** What an artifact is assembled for. */
export type Version = Identity & { readonly entry: string };

/** Where `assemble` puts it. */
export function liveFolder(artifacts: Artifacts, origin: string, key: string, version: Version): string {
  const name = hashOf([moduleBase(origin, version), version.entry]).slice(0, 32);
  return artifacts.livePath(`${key}-${name}`);
}

/** The folder of this artifact for this version, which is made if it is not there. */
export async function assemble(
  artifacts: Artifacts,
  origin: string,
  key: string,
  version: Version,
): Promise<string> {
  const target = liveFolder(artifacts, origin, key, version);
  if (existsSync(target)) return target;
  const base = moduleBase(origin, version);
  const from = artifacts.path(key);
  const graph = await readGraph(from);
  if (graph === undefined) throw new Error(`there is no artifact ${key}`);
  const staged = await artifacts.stage(
    graph.level === 2 ? await assembleUnbundled(from, base) : await nameBundle(from, key, base),
  );
  try {
    await artifacts.publish(staged, target);
  } finally {
    await artifacts.discard(staged);
  }
  return target;
}

/** What the modules' URLs of one version begin with. */
export function moduleBase(origin: string, identity: Identity): string {
  return versionedModuleUrl(origin, { ...identity, path: "" });
}

async function nameBundle(folder: string, key: string, base: string): Promise<Files> {
  const map = await readFile(join(folder, "bundle.js.map"), "utf8");
  return {
    "bundle.js": { sameAs: join(folder, "bundle.js") },
    "bundle.js.map": map.replaceAll(placeholderOf(key), base),
    "deno.lock": { sameAs: join(folder, "deno.lock") },
  };
}
