/** The module host over a town's store, on a port of its own. */

import { join } from "node:path";
import type { BuildFailure } from "esbuild";
import { createModuleHost, type ModuleHostOptions } from "../../src/api/api.ts";
import { transpile } from "../../src/bundle/transpile.ts";
import { makeTown, type Town } from "./town.ts";

export interface ModuleTown extends AsyncDisposable {
  readonly town: Town;
  /** Origin, without a slash at its end. */
  readonly origin: string;
  /** How often something was transpiled. */
  readonly transpiled: () => number;
  /** Asks for a path as this client; redirects are not followed. */
  get(path: string, headers?: Record<string, string>, method?: string): Promise<ModuleAnswer>;
  /** Saves a file of a val of ann's, new or not. */
  save(valId: string, path: string, content: string, type?: string): Promise<void>;
}

export interface ModuleAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What clients say of themselves. */
export const CLIENT = {
  deno: { "user-agent": "Deno/2.9.6", accept: "*/*" },
  script: { "user-agent": "Mozilla/5.0", accept: "*/*" },
  page: { "user-agent": "Mozilla/5.0", accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8" },
  tsx: { "user-agent": "curl/8", accept: "text/tsx" },
} as const;

export async function makeModuleTown(options: Partial<ModuleHostOptions> = {}): Promise<ModuleTown> {
  const town = await makeTown();
  let count = 0;
  const host = createModuleHost({
    store: town.store,
    auth: town.auth,
    town: {
      scheme: "http:",
      domain: "localhost",
      webDomain: "web.localhost",
      mailDomain: "mail.example",
      port: ":3000",
    },
    moduleOrigin: "https://esm.town",
    transpile: (file) => {
      count++;
      return transpileHere(file);
    },
    ...options,
  });
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => host.fetch(request) });
  const origin = `http://127.0.0.1:${server.port}`;
  return {
    town,
    origin,
    transpiled: () => count,
    async get(path, headers = CLIENT.script, method = "GET") {
      const response = await fetch(origin + path, { method, headers, redirect: "manual" });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    async save(valId, path, content, type = "script") {
      const where = `/v2/vals/${valId}/files?${new URLSearchParams({ path })}`;
      const made = await town.call("POST", where, { json: { type, content } });
      if (made.status === 409) await town.expect(200, "PUT", where, { json: { content } });
      else if (made.status !== 201) throw new Error(`${path} could not be saved: ${made.text}`);
    },
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      await town[Symbol.asyncDispose]();
    },
  };
}

/** The builder's own code, but in this process. */
const transpileHere: ModuleHostOptions["transpile"] = async ({ prefixes, ...file }) => {
  try {
    const { code, map } = await transpile(file, prefixes);
    return { ok: true, code: Buffer.from(code).toString(), map: Buffer.from(map).toString() };
  } catch (error) {
    const { errors } = error as BuildFailure;
    const diagnostics = errors.map(({ text, location }) => {
      return { file: file.path, line: location!.line, column: location!.column + 1, message: text };
    });
    return { ok: false, diagnostics };
  }
};

/** Runs a plain Deno outside of Hamlet on this module; resolves with what it printed. */
export async function runDeno(
  url: string,
  { folder, env = {} }: { folder: string; env?: Record<string, string> },
): Promise<{ code: number; out: string; err: string }> {
  const child = Bun.spawn([join(import.meta.dir, "../../node_modules/deno/deno"), "run", "--no-lock", url], {
    cwd: folder,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { DENO_DIR: join(folder, "deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1", ...env },
  });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, out, err };
}
