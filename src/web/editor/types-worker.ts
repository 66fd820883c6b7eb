/** TypeScript in a worker of the browser: what it says of a file never keeps the one who types waiting. */

import type { Diagnostic } from "@codemirror/lint";
import { createSystem, createVirtualTypeScriptEnvironment } from "@typescript/vfs";
import { createWorker, getAutocompletion } from "@valtown/codemirror-ts/worker";
import { expose } from "comlink";
import ts from "typescript5";
import { isNoise } from "./types-noise.ts";

const DENO = "/lib.deno.d.ts";

/** As `deno check` has it; only that what cannot be found may be anything, for packages are not loaded here. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  lib: ["lib.esnext.d.ts"],
  jsx: ts.JsxEmit.ReactJSX,
  strict: true,
  noImplicitAny: false,
  allowJs: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  esModuleInterop: true,
  isolatedModules: true,
  useUnknownInCatchVariables: false,
  skipLibCheck: true,
  noEmit: true,
};

const base = createWorker(async () => {
  const { default: types } = await import("virtual:editor-types");
  const files = new Map(Object.entries(types).map(([name, text]) => [`/${name}`, text || " "]));
  return createVirtualTypeScriptEnvironment(createSystem(files), [DENO], ts, OPTIONS);
});

/** Paths of the project that is known now. */
let known: ReadonlyMap<string, string> = new Map();

const worker = {
  ...base,

  /** All of the project but what is in the editor, which comes by `updateFile`. */
  setFiles(files: ReadonlyMap<string, string>, open: string): void {
    const env = base.getEnv();
    if (env === undefined) return;
    for (const path of known.keys()) {
      if (!files.has(path) && path !== open && env.getSourceFile(path)) env.deleteFile(path);
    }
    for (const [path, text] of files) {
      if (path !== open && known.get(path) !== text) base.updateFile({ path, code: text || " " });
    }
    known = new Map(files);
  },

  getLints({ path }: { path: string }): Diagnostic[] {
    const service = base.getEnv()?.languageService;
    if (!base.getEnv()?.getSourceFile(path) || service === undefined) return [];
    return [...service.getSyntacticDiagnostics(path), ...service.getSemanticDiagnostics(path)].flatMap(
      (found) => {
        const message = ts.flattenDiagnosticMessageText(found.messageText, "\n");
        const { start, length, code } = found;
        if (start === undefined || length === undefined || isNoise(code, message)) return [];
        return [
          {
            from: start,
            to: start + length,
            message,
            severity: code === 7027 ? "warning" : "error",
            source: "ts",
          },
        ];
      },
    );
  },

  getAutocompletion: ({ path, context }: Parameters<typeof base.getAutocompletion>[0]) => {
    const env = base.getEnv();
    return env
      ? getAutocompletion({ env, path, context, keepLegacyLimitationForAutocompletionSymbols: false })
      : null;
  },
};

/** What the page calls. */
export type TypesWorker = Omit<typeof worker, "getEnv">;

expose(worker);
