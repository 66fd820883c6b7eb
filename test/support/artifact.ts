/** Artifacts made by hand, as the build makes them: bundles, locks, and caches of their own. */

import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";
import { denoEnv } from "../../src/sandbox/permissions.ts";

const DENO = join(import.meta.dir, "../../node_modules/deno/deno");
/** What the vals of these tests call themselves. */
export const BASE = "https://esm.town/v/tester/val@1-main/";

type Files = Readonly<Record<string, string>>;

/**
 * `bundle.js` and `bundle.js.map` of these files.
 * @param packages a folder with `node_modules` whose packages are bundled; what is `npm:` or `node:` stays an import
 */
export async function bundle(files: Files, packages = "/"): Promise<Record<string, string>> {
  const result = await build({
    entryPoints: ["/main.ts"],
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["deno", "node", "import"],
    target: "esnext",
    minify: true,
    keepNames: true,
    write: false,
    sourcemap: "external",
    outfile: "/bundle.js",
    logLevel: "silent",
    external: ["npm:*", "node:*"],
    plugins: [fromMemory(files, packages)],
  });
  const [map = "", code = ""] = ["bundle.js.map", "bundle.js"].map(
    (name) => result.outputFiles.find(({ path }) => path.endsWith(name))?.text,
  );
  const json = JSON.parse(map) as { sources: string[] };
  json.sources = json.sources.map((source) => source.replace(/^val:\//, BASE));
  return {
    "bundle.js": `${code}//# sourceMappingURL=bundle.js.map\n`,
    "bundle.js.map": JSON.stringify(json),
  };
}

function fromMemory(files: Files, packages: string): Plugin {
  return {
    name: "val",
    setup(context) {
      context.onResolve({ filter: /^\/main.ts$/ }, ({ path }) => ({ path, namespace: "val" }));
      context.onResolve({ filter: /^\./, namespace: "val" }, ({ path, importer }) => ({
        path: new URL(path, `file://${importer}`).pathname,
        namespace: "val",
      }));
      context.onLoad({ filter: /.*/, namespace: "val" }, ({ path }) => ({
        contents: files[path.slice(1)] ?? "",
        loader: "tsx",
        resolveDir: packages,
      }));
    },
  };
}

/** The text of a lock of these packages, which are then in the cache `denoDir`, and of these modules below BASE. */
export async function lockOf(
  denoDir: string,
  specifiers: readonly string[],
  modules: Files = {},
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "lock-"));
  try {
    writeFileSync(join(folder, "stub.ts"), specifiers.map((one) => `import "${one}";\n`).join(""));
    const env = { ...denoEnv(denoDir, folder), NO_COLOR: "1" };
    const child = Bun.spawn([DENO, "cache", "--no-config", "--quiet", "--lock=deno.lock", "stub.ts"], {
      cwd: folder,
      env,
      stderr: "pipe",
    });
    const said = await child.stderr.text();
    if ((await child.exited) !== 0) throw new Error(`deno cache: ${said}`);
    const written = Bun.file(join(folder, "deno.lock"));
    const lock = specifiers.length > 0 ? await written.json() : { version: "5" };
    const remote = Object.entries(modules).map(([path, text]) => [
      new URL(path, BASE).href,
      createHash("sha256").update(text).digest("hex"),
    ]);
    return JSON.stringify({ ...lock, ...(remote.length > 0 ? { remote: Object.fromEntries(remote) } : {}) });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The files of a DENO_DIR that holds these modules, by their path below BASE. */
export function overlay(files: Files): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => {
      const url = new URL(path, BASE);
      const name = createHash("sha256")
        .update(url.pathname + url.search)
        .digest("hex");
      const about = {
        headers: { "content-type": "application/typescript" },
        url: url.href,
        time: 1_700_000_000,
      };
      return [
        `deno/remote/https/${url.host}/${name}`,
        `${text}\n// denoCacheMetadata=${JSON.stringify(about)}`,
      ];
    }),
  );
}

/** Write an artifact where workers can read it. */
export function writeArtifact(folder: string, files: Files): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
