/** How esbuild is asked to work. */

import type { BuildOptions, LogLevel } from "esbuild";

/** Where JSX gets its functions from when the file does not say. */
export const NO_JSX = "hamlet:jsx";

/** V8 does not know them yet. */
export const SUPPORTED = { using: false, decorators: false };

/** A file of this name, next to a module, must not have a say. */
export const NO_TSCONFIG = "{}";

/** Told as warnings, or they would not be told at all. */
export const COMPUTED_IMPORT = "unsupported-dynamic-import";
export const COMPUTED_REQUIRE = ["unsupported-require-call", "indirect-require"];
const warning: LogLevel = "warning";

/**
 * Where esbuild is to look for the files that such an import in a val could mean. There is no such folder, nor are those
 * above it that somebody could mean by "../".
 */
export const NOWHERE = `/no-such-folder${"/x".repeat(64)}`;

export const OPTIONS = {
  bundle: true,
  format: "esm",
  platform: "neutral",
  // Nothing is to be looked up in a package.json by esbuild itself.
  mainFields: [],
  target: "esnext",
  supported: SUPPORTED,
  tsconfigRaw: NO_TSCONFIG,
  charset: "utf8",
  // Names stay, for stack traces, and because functions may be sent to a browser as text.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  sourcemap: "external",
  sourcesContent: false,
  jsx: "automatic",
  jsxImportSource: NO_JSX,
  metafile: true,
  write: false,
  absWorkingDir: "/",
  outfile: "/bundle.js",
  logLevel: "silent",
  logLimit: 0,
  logOverride: Object.fromEntries([COMPUTED_IMPORT, ...COMPUTED_REQUIRE].map((id) => [id, warning])),
} as const satisfies BuildOptions;
