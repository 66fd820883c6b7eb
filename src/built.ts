/** What a build means: to its author, and to the workers that serve it. */

import { createHash } from "node:crypto";
import type { BuildReport } from "./api/deploy.ts";
import type { Builder, BuildResult } from "./build/build.ts";
import type { Deployed, Store } from "./store/store.ts";
import { versionedModuleUrl } from "./val/address.ts";
import type { Deployment } from "./val/deployment.ts";
import type { SourceFile } from "./val/file.ts";

/** A trigger file with what became of it. */
export interface BuiltFile {
  readonly entry: SourceFile;
  readonly result: BuildResult;
}

/** What is told of one version. */
export function toReport(version: number, built: readonly BuiltFile[]): BuildReport {
  const diagnostics = built.flatMap(({ result }) => (result.ok ? [] : result.diagnostics));
  const good = built.flatMap(({ result }) => (result.ok ? [result] : []));
  const warnings = good.flatMap((one) => one.warnings);
  const reasons = [...new Set(good.flatMap((one) => one.reasons))];
  return { version, diagnostics, warnings, level: Math.max(0, ...good.map((one) => one.level)), reasons };
}

/** What is recorded of files of one val as workers can be made of it: those of which the artifact is there. */
export async function readyOf(
  parts: { readonly store: Store; readonly builder: Builder; readonly moduleOrigin: string },
  deployed: readonly Deployed[],
): Promise<{ readonly deployed: Deployed; readonly deployment: Deployment }[]> {
  const [first] = deployed;
  if (first === undefined) return [];
  const env = await parts.store.environment.values(first.valId);
  const found = await Promise.all(
    deployed.map(async (one) => {
      const folder = await parts.builder.assemble(one.artifact, one).catch(() => undefined);
      if (folder === undefined) return [];
      return [{ deployed: one, deployment: toDeployment(one, folder, env, parts.moduleOrigin) }];
    }),
  );
  return found.flat();
}

/** A file of which workers can be made, to be started in one of its ways: any can be run as a script. */
type Startable = Omit<Deployed, "type"> & { readonly type: Deployed["type"] | "script" };

/** What workers are made of; `artifact` is where it lies. */
export function toDeployment(
  { artifact: key, level, labels, domains, privacy, branch, type, ...one }: Startable,
  artifact: string,
  env: Record<string, string>,
  moduleOrigin: string,
): Deployment {
  const module = versionedModuleUrl(moduleOrigin, { ...one, branch, path: one.entry });
  // A worker is one deployment's for life: whatever it was made of is part of the name.
  const made = createHash("sha256")
    .update(JSON.stringify([type, key, level, env, module, one.userId, one.secret]))
    .digest("hex")
    .slice(0, 16);
  return {
    ...one,
    id: `${one.fileId}@${one.version}-${made}`,
    artifact,
    entry: level === 2 ? module : "bundle.js",
    start: level === 0 ? "pooled" : "locked",
    module,
    env,
    trigger: type,
  };
}
