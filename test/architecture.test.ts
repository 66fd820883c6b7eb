/** The shape of the code base: who may import whom, and the few rules that keep every part readable alone. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkPackages, findCycles, type Tree } from "./support/code-rules.ts";
import { MAY_IMPORT } from "./support/matrix.ts";

const NOT_ON_THE_HOST = ["guest", "std", "bundle", "wire", "errors", "log", "web"];
/** Folders of which every file may be imported; of the others only `x/x.ts`, `x/types.ts` and these. */
const OPEN = ["wire", "val", "api/contract", "store", "services", "web"];
const MORE_FACES = [
  "src/cli/welcome.ts",
  "src/sandbox/doctor.ts",
  "src/api/deploy.ts",
  "src/api/routes/app.ts",
  "src/gateway/host.ts",
];
/** The one file that may do it. */
const ONE_DOOR: readonly [what: RegExp, file: string][] = [
  [/(?<!["'])\b(process|Bun)\.env\b/, "src/config.ts"],
  [/\bBun\.spawn|["'](node:)?child_process["']/, "src/sandbox/spawn.ts"],
];
const MAX_LINES = 300;

interface Edge {
  readonly to: string;
  /** False for `import type`, and for a file embedded as text. */
  readonly runs: boolean;
  readonly asText: boolean;
}

const IMPORT =
  /^\s*(?:import|export)\s+(type\s)?[^"';]*?\bfrom\s+"([^"]+)"( with)?|^\s*import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

function edgesOf(path: string, text: string): Edge[] {
  return [...text.matchAll(IMPORT)].map(([, type, from, attribute, bare, dynamic]) => {
    const to = from ?? bare ?? dynamic ?? "";
    return {
      to: to.startsWith(".") ? join(dirname(path), to) : to,
      runs: !type && !attribute,
      asText: Boolean(attribute),
    };
  });
}

/** `src/api/routes/vals.ts` → `api/routes`; `src/api/api.ts` → `api`; `src/server.ts` → `server`; `bin/hamlet.ts` → `bin`. */
function partOf(path: string): string {
  const parts = path
    .replace(/^src\//, "")
    .replace(/\.tsx?$/, "")
    .split("/");
  return parts[0] === "api" && parts.length > 2 ? parts.slice(0, 2).join("/") : parts[0]!;
}

function isFace(path: string): boolean {
  const part = partOf(path);
  const name = part.split("/").at(-1);
  const faces = [`src/${part}.ts`, `src/${part}/${name}.ts`, `src/${part}/types.ts`, ...MORE_FACES];
  return OPEN.includes(part) || faces.includes(path);
}

function checkEdge(from: string, edge: Edge): string[] {
  const [a, b] = [partOf(from), partOf(edge.to)];
  if (a === b || edge.asText || edge.to === "package.json") return [];
  if (!(a in MAY_IMPORT)) return [`${from}: the part "${a}" is not in the matrix`];
  const common = (b === "errors" || b === "log") && !NOT_ON_THE_HOST.includes(a);
  if (!common && !MAY_IMPORT[a]!.includes(b)) return [`${from} may not import ${edge.to}`];
  return isFace(edge.to) ? [] : [`${from} imports ${edge.to}, which is not a face of ${b}`];
}

function checkFile(path: string, text: string): string[] {
  const problems: string[] = [];
  const lines = text.split("\n").length - 1;
  if (lines > MAX_LINES) problems.push(`${path} has ${lines} lines, more than ${MAX_LINES}`);
  if (/(^|\/)index\.tsx?$/.test(path))
    problems.push(`${path}: a file is named for what it exports, not index`);
  if (/^\s*export \*/m.test(text)) problems.push(`${path}: export * hides what is exported`);
  const isHostSource =
    /^(src|bin)\//.test(path) && !["guest", "std"].includes(partOf(path)) && !path.endsWith(".test.ts");
  for (const [what, door] of isHostSource ? ONE_DOOR : []) {
    if (what.test(text) && path !== door)
      problems.push(`${path} does what only ${door} may: ${what.exec(text)?.[0]}`);
  }
  return problems;
}

/** One sentence for each thing that is not as it should be. `tree` maps paths to texts. */
function findProblems(tree: Tree): string[] {
  const code = Object.entries(tree).filter(([path]) => /\.tsx?$/.test(path));
  const sources = code.filter(([path]) => /^(src|bin)\//.test(path) && !/\.test\.tsx?$/.test(path));
  const edges = new Map(
    sources.map(([path, text]) => [path, edgesOf(path, text).filter(({ to }) => to in tree)]),
  );
  const running = new Map(
    [...edges].map(([path, to]) => [path, to.filter(({ runs }) => runs).map((edge) => edge.to)]),
  );
  return [
    ...code.flatMap(([path, text]) => checkFile(path, text)),
    ...[...edges].flatMap(([path, list]) => list.flatMap((edge) => checkEdge(path, edge))),
    ...findCycles(running),
    ...checkPackages(tree),
  ];
}

test("the code base keeps its own rules", () => {
  const patterns = [
    "{src,bin,test,bench,scripts}/**/*.ts",
    "src/web/**/*.tsx",
    "package.json",
    "docs/dependencies.md",
  ];
  const paths = patterns.flatMap((pattern) => [
    ...new Bun.Glob(pattern).scanSync(join(import.meta.dir, "..")),
  ]);
  expect(paths.length).toBeGreaterThan(20);
  const tree = Object.fromEntries(
    paths.map((path) => [path, readFileSync(join(import.meta.dir, "..", path), "utf8")]),
  );
  expect(findProblems(tree)).toEqual([]);
});

test("each edge of the matrix points down, so that no two parts can need each other", () => {
  const ranks = Object.keys(MAY_IMPORT);
  for (const [part, targets] of Object.entries(MAY_IMPORT)) {
    for (const target of targets)
      expect([part, target, ranks.indexOf(target) < ranks.indexOf(part)]).toEqual([part, target, true]);
  }
});

const BAD_TREES: readonly [title: string, tree: Tree, problem: string][] = [
  [
    "a forbidden edge",
    { "src/gateway/gateway.ts": 'import { a } from "../store/vals.ts";', "src/store/vals.ts": "" },
    "src/gateway/gateway.ts may not import src/store/vals.ts",
  ],
  [
    "a forbidden edge for types only",
    { "src/wire/a.ts": 'import type { E } from "../errors.ts";', "src/errors.ts": "" },
    "src/wire/a.ts may not import src/errors.ts",
  ],
  [
    "a forbidden lazy edge",
    { "src/pool/pool.ts": 'await import("../server.ts")', "src/server.ts": "" },
    "src/pool/pool.ts may not import src/server.ts",
  ],
  [
    "a folder that nobody placed",
    { "src/shared/a.ts": 'import "../errors.ts";', "src/errors.ts": "" },
    'src/shared/a.ts: the part "shared" is not in the matrix',
  ],
  [
    "a non-face import",
    { "src/dispatch/dispatch.ts": 'import {\n  evict,\n} from "../pool/evict.ts";', "src/pool/evict.ts": "" },
    "src/dispatch/dispatch.ts imports src/pool/evict.ts, which is not a face of pool",
  ],
  [
    "a value cycle",
    { "src/pool/a.ts": 'import { b } from "./b.ts";', "src/pool/b.ts": 'import { a } from "./a.ts";' },
    "src/pool/a.ts is part of an import cycle",
  ],
  [
    "export *",
    { "src/val/a.ts": 'export * from "./b.ts";' },
    "src/val/a.ts: export * hides what is exported",
  ],
  [
    "an index.ts",
    { "src/val/index.ts": "" },
    "src/val/index.ts: a file is named for what it exports, not index",
  ],
  [
    "a second reader of the environment",
    { "src/pool/pool.ts": "const a = process.env.A;" },
    "src/pool/pool.ts does what only src/config.ts may: process.env",
  ],
  [
    "a second place that spawns",
    { "src/build/build.ts": 'Bun.spawnSync(["ls"]);' },
    "src/build/build.ts does what only src/sandbox/spawn.ts may: Bun.spawn",
  ],
  [
    "a file that is too long",
    { "test/a.test.ts": "\n".repeat(301) },
    "test/a.test.ts has 301 lines, more than 300",
  ],
  [
    "a version that is not pinned",
    { "package.json": '{"dependencies":{"a":"^1.0.0"}}', "docs/dependencies.md": "`a`" },
    "package.json: a ^1.0.0 is not pinned",
  ],
  [
    "a dependency without a reason",
    { "package.json": '{"devDependencies":{"a":"1.0.0"}}' },
    "docs/dependencies.md does not say why a is there",
  ],
];

for (const [title, tree, problem] of BAD_TREES) {
  test(`the check finds ${title}`, () => expect(findProblems(tree)).toContain(problem));
}

test("the check lets pass what is allowed", () => {
  const tree: Tree = {
    "src/val/a.ts": 'import type { B } from "./b.ts";\nimport { HamletError } from "../errors.ts";',
    "src/val/b.ts": 'import { a } from "./a.ts";',
    "src/errors.ts": "",
    "src/sandbox/sandbox.ts": 'import main from "../guest/main.ts" with { type: "text" };',
    "src/guest/main.ts": "Deno.env.get('A')",
    "src/pool/evict.ts": "",
    "src/pool/pool.ts":
      'import { evict } from "./evict.ts";\nimport type { Sandbox } from "../sandbox/types.ts";',
    "src/sandbox/types.ts": "",
    "package.json": '{"dependencies":{"a":"1.0.0"}}',
    "docs/dependencies.md": "| `a` | because |",
  };
  expect(findProblems(tree)).toEqual([]);
});
