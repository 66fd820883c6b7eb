/**
 * Builds the browser's half into `dist/web`, and compresses its files once, so that no request waits for it. `--quick`
 * leaves that out.
 */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { editorTypes } from "./editor-types.ts";

const ROOT = join(import.meta.dir, "..");
const ASSETS = join(ROOT, "dist/web/_app");
const SMALL = 512;

if (!existsSync(join(ROOT, "node_modules/vite"))) {
  console.error("The web app was not built: vite is missing. Install with the development packages: npm ci");
  process.exit(0);
}
const { build } = await import("vite");
await build({
  configFile: join(ROOT, "src/web/vite.config.ts"),
  logLevel: "warn",
  worker: { plugins: () => [editorTypes()] },
});
for (const name of process.argv.includes("--quick") ? [] : readdirSync(ASSETS)) {
  const bytes = readFileSync(join(ASSETS, name));
  if (bytes.length < SMALL || !/\.(?:js|css|svg|json|wasm|ttf)$/.test(name)) continue;
  // Levels that take seconds, not minutes, for the megabytes of the editor's TypeScript.
  const quality = bytes.length > 1_000_000 ? 5 : 9;
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality };
  writeFileSync(join(ASSETS, `${name}.br`), brotliCompressSync(bytes, { params }));
  writeFileSync(join(ASSETS, `${name}.gz`), gzipSync(bytes, { level: 6 }));
}
