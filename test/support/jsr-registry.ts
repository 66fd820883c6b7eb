/** A small JSR registry: what is published in it can be imported as `jsr:@scope/name`. */

import { createHash } from "node:crypto";
import type { Authority } from "./authority.ts";
import { type ModuleServer, startModuleServer } from "./module-server.ts";

export interface JsrPackage {
  readonly name: `@${string}/${string}`;
  readonly version: string;
  /** From `.` or `./sub` to a path such as `./mod.ts`. */
  readonly exports: Readonly<Record<string, string>>;
  /** By path, such as `/mod.ts`. */
  readonly files: Readonly<Record<string, string>>;
}

/** The server that is the registry; its `origin` is what `--jsr-url` takes. */
export function startJsrRegistry(authority: Authority, ...packages: readonly JsrPackage[]): ModuleServer {
  const server = startModuleServer(authority);
  const versions = new Map<string, string[]>();
  for (const { name, version, exports, files } of packages) {
    versions.set(name, [...(versions.get(name) ?? []), version]);
    const manifest = Object.entries(files).map(([path, source]) => {
      server.put(`/${name}/${version}${path}`, source);
      const checksum = `sha256-${createHash("sha256").update(source).digest("hex")}`;
      return [path, { size: Buffer.byteLength(source), checksum }];
    });
    const meta = { exports, manifest: Object.fromEntries(manifest) };
    server.put(`/${name}/${version}_meta.json`, JSON.stringify(meta));
  }
  for (const [name, all] of versions) {
    const [scope, bare] = name.slice(1).split("/");
    const meta = {
      scope,
      name: bare,
      latest: all.at(-1),
      versions: Object.fromEntries(all.map((version) => [version, {}])),
    };
    server.put(`/${name}/meta.json`, JSON.stringify(meta));
  }
  return server;
}
