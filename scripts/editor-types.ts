/**
 * What the editor's TypeScript knows from the start: the language's own types and those of Deno, as one module of the
 * build, so that no browser asks anybody else for them.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..");
const NAME = "virtual:editor-types";
const LIBS = join(ROOT, "node_modules/typescript5/lib");
const DENO = join(ROOT, "node_modules/deno/deno");
/** Of the language alone; what a browser adds, Deno has in its own words. */
const OF_THE_LANGUAGE = /^lib\.(?:es|decorators)[\w.]*\.d\.ts$/;

/** A plugin of the build. */
export function editorTypes() {
  return {
    name: "hamlet-editor-types",
    resolveId: (id: string) => (id === NAME ? `\0${NAME}` : undefined),
    load(id: string) {
      if (id !== `\0${NAME}`) return undefined;
      // Parsed as JSON it costs a browser a fraction of what it costs as a program.
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(readTypes()))});`;
    },
  };
}

function readTypes(): Record<string, string> {
  const names = readdirSync(LIBS).filter((name) => OF_THE_LANGUAGE.test(name) && !name.includes(".full."));
  const texts = names.map((name) => [name, shorten(readFileSync(join(LIBS, name), "utf8"))] as const);
  return { ...Object.fromEntries(texts), "lib.deno.d.ts": shorten(readDeno()) };
}

function readDeno(): string {
  if (!existsSync(DENO)) {
    console.error(
      "The editor will not know Deno's types: Deno is missing. Install it with npm ci, then build again.",
    );
    return "";
  }
  const { stdout } = Bun.spawnSync([DENO, "types"], { env: { ...process.env, NO_COLOR: "1" } });
  // All of them are in it, so that it needs none of the files that it names.
  return stdout.toString().replace(/^\/\/\/ <reference .*\n/gm, "") + TIMERS;
}

/** Deno says of its timers only that they are Node's, whose types are not among its own. */
const TIMERS = `
declare namespace NodeJS {
  interface Immediate extends Disposable { ref(): this; unref(): this; hasRef(): boolean; }
  interface Timeout extends Immediate { refresh(): this; close(): this; [Symbol.toPrimitive](): number; }
}
/** Calls a function once, after so many milliseconds. */
declare function setTimeout(callback: (...args: any[]) => void, ms?: number, ...args: any[]): NodeJS.Timeout;
/** Calls a function again and again, every so many milliseconds. */
declare function setInterval(callback: (...args: any[]) => void, ms?: number, ...args: any[]): NodeJS.Timeout;
/** Calls a function as soon as what has come by now is done. */
declare function setImmediate(callback: (...args: any[]) => void, ...args: any[]): NodeJS.Immediate;
declare function clearTimeout(timer?: NodeJS.Timeout | string | number | null): void;
declare function clearInterval(timer?: NodeJS.Timeout | string | number | null): void;
declare function clearImmediate(timer?: NodeJS.Immediate | null): void;
`;

/** Comments down to their first paragraph: what is shown when one points at a name. */
function shorten(text: string): string {
  return text
    .replace(/\/\*(\*?)([\s\S]*?)\*\//g, (_, doc: string, body: string) => (doc ? firstParagraph(body) : ""))
    .replace(/^[ \t]*\/\/(?!\/).*\n/gm, "")
    .replace(/^[ \t]+/gm, "")
    .replace(/\n{2,}/g, "\n");
}

function firstParagraph(body: string): string {
  const lines = body.split("\n").map((line) => line.replace(/^\s*\* ?/, "").trim());
  const start = lines.findIndex((line) => line !== "");
  const end = lines.findIndex((line, at) => at > start && (line === "" || line.startsWith("@")));
  const said =
    start < 0
      ? ""
      : lines
          .slice(start, end < 0 ? undefined : end)
          .join(" ")
          .trim();
  return said === "" || said.startsWith("@") ? "" : `/** ${said} */`;
}
