/** The examples in the standard library's doc comments, as one val that runs each of them. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const STD = join(import.meta.dir, "../../src/std");
const DOCUMENTED =
  /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n(?:\/\/[^\n]*\n)*export (?:default )?(?:async )?(\w+) (\w+)/g;

/** One export of the library. */
export interface DocumentedExport {
  readonly file: string;
  readonly name: string;
  /** `function`, `class`, `const`, `interface` or `type`. */
  readonly kind: string;
  readonly comment: string;
  /** The code of its examples. */
  readonly examples: readonly string[];
}

/** Every export of a source of the library that has a doc comment. */
export function readDocumentedExports(): DocumentedExport[] {
  const files = readdirSync(STD).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  return files.flatMap((file) =>
    [...readFileSync(join(STD, file), "utf8").matchAll(DOCUMENTED)].map(
      ([, text = "", kind = "", name = ""]) => {
        const comment = text.replace(/^ *\* ?/gm, "");
        const examples = [...comment.matchAll(/@example\n```ts\n([\s\S]*?)```/g)].map(
          (match) => match[1] ?? "",
        );
        return { file, name, kind, comment, examples };
      },
    ),
  );
}

/** What an example says it prints: the comments `// → …`. */
export function expectedLines(example: string): string[] {
  return [...example.matchAll(/console\.log\(.*\); \/\/ → (.*)$/gm)].map((match) => compact(match[1] ?? ""));
}

/** Text of values without the spaces between them. */
export function compact(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1");
}

/** The files of a val that answers `?run=name` with the lines that this example prints. */
export function makeExampleVal(exports: readonly DocumentedExport[]): Record<string, string> {
  const withExample = exports.filter(({ examples }) => examples.length > 0);
  const files: Record<string, string> = {};
  for (const { file, name, examples } of withExample)
    files[`runs/${idOf(file, name)}.ts`] = toModule(examples[0]!);
  const ids = withExample.map(({ file, name }) => idOf(file, name));
  const imports = ids.map((id, index) => `import { run as run${index} } from "./runs/${id}.ts";`);
  const table = ids.map((id, index) => `  "${id}": run${index},`);
  files["main.http.ts"] = `${imports.join("\n")}

const RUNS = {
${table.join("\n")}
};

export default async function (req: Request): Promise<Response> {
  const lines: string[] = [];
  const log = (...values: unknown[]) => lines.push(values.map((value) => JSON.stringify(value) ?? "undefined").join(" "));
  await RUNS[new URL(req.url).searchParams.get("run") as keyof typeof RUNS]({ log });
  return Response.json(lines);
}
`;
  return files;
}

/** Under which `?run=` asks for it. */
export function idOf(file: string, name: string): string {
  return `${file.replace(/\.ts$/, "")}-${name}`;
}

function toModule(example: string): string {
  const imports = example.match(/^import [\s\S]*?;$/gm) ?? [];
  const rest = imports.reduce((code, line) => code.replace(line, ""), example).trim();
  const body = rest.replace(/^/gm, "  ");
  return `${imports.join("\n")}\n\nexport async function run(console: { log(...values: unknown[]): void }) {\n${body}\n}\n`;
}
