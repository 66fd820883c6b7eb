import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { renderRoutes } from "../scripts/routes.ts";
import { parseConfig, SERVE_FLAGS } from "../src/config.ts";
import { renderTable } from "../src/flags.ts";
import std from "../src/std/modules.json";
import { OAUTH_SCOPES, SCOPES } from "../src/val/scope.ts";
import { startBuilder } from "./support/builder.ts";
import { makeTown } from "./support/town.ts";

const ROOT = join(import.meta.dir, "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

test("the README's table of flags is the one that is parsed (npx bun scripts/flags.ts writes it)", () => {
  expect(read("README.md").split(/<!-- \/?flags -->\n/)[1]).toBe(`${renderTable(SERVE_FLAGS)}\n`);
});

test("the API's table of routes is that of its description (npx bun scripts/routes.ts writes it)", async () => {
  await using town = await makeTown();
  const { json } = await town.expect(200, "GET", "/openapi.json", { token: "" });
  expect(read("docs/api.md").split(/<!-- \/?routes -->\n/)[1]).toBe(`${renderRoutes(json)}\n`);
});

test("the API's table of scopes has all of them, each with the name that OAuth knows", () => {
  const rows = [...read("docs/api.md").matchAll(/^\| (`\w+:.*?) \| (.*?) \| .* \|$/gm)];
  const wordsOf = (column: number) =>
    rows.flatMap((row) => [...row[column]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!));
  expect(wordsOf(1)).toEqual([...SCOPES]);
  expect(wordsOf(2)).toEqual([...OAUTH_SCOPES]);
});

/** What is read of the choices, as `config.port` or by destructuring. */
function readsOf(text: string): Set<string> {
  const plain = [...text.matchAll(/\bconfig\.(\w+)/g)].map((match) => match[1]!);
  const lists = [...text.matchAll(/\{([^{}]*)\}\s*(?:=\s*config;|:\s*Config\b)/g)].map((match) => match[1]!);
  return new Set([
    ...plain,
    ...lists.flatMap((list) => list.split(",").map((one) => one.split(":")[0]!.trim())),
  ]);
}

test("every flag has an effect: something outside config.ts reads it, or what config.ts makes of it", () => {
  const sources = [...new Bun.Glob("{src,bin}/**/*.ts").scanSync(ROOT)].filter(
    (path) => !/config\.ts$|\.test\.ts$/.test(path),
  );
  const reads = readsOf(sources.map(read).join("\n"));
  // Several flags may become one choice: such are no properties of Config, so that the compiler keeps others off them.
  const [, omitted = ""] = /interface Config\s+extends Omit<([\s\S]*?)> \{/.exec(read("src/config.ts")) ?? [];
  const gathered = [...omitted.matchAll(/`([^`]+)`/g)].map(
    ([, pattern = ""]) => new RegExp(`^${pattern.replace(/\$\{string\}/g, "\\w*")}$`),
  );
  const choices = Object.keys(parseConfig([], {})).filter(
    (key) => !(key in SERVE_FLAGS) || !gathered.some((one) => one.test(key)),
  );
  expect(choices).toEqual(expect.arrayContaining(["blobS3", "port"]));
  expect(choices.filter((key) => !reads.has(key))).toEqual([]);
});

const DOCS = readdirSync(join(ROOT, "docs"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`);

test("every file that the documents name exists", () => {
  for (const document of ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/dependencies.md"]) {
    // What lies in a data folder is no file of ours; nor is the default of --data, nor a file of somebody's val.
    const text = read(document)
      .split("## Data folder")[0]!
      .replace(/`\.\.?\/[^`]*`/g, "");
    const named = [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]*|[\w-]+\.(?:ts|sh|json|md))`/g)].map(
      (match) => match[1]!,
    );
    const missing = named.filter(
      (path) =>
        !(path in std) && !["", "src", "docs", "src/api"].some((base) => existsSync(join(ROOT, base, path))),
    );
    expect([document, missing]).toEqual([document, []]);
  }
});

test("every link from one document to another leads somewhere", () => {
  for (const document of ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...DOCS]) {
    const links = [...read(document).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)];
    const broken = links.flatMap(([, path = "", anchor]) => {
      const target = path === "" ? document : join(dirname(document), path);
      if (!existsSync(join(ROOT, target))) return [path];
      return anchor === undefined || anchorsOf(target).includes(anchor) ? [] : [`${path}#${anchor}`];
    });
    expect([document, broken]).toEqual([document, []]);
  }
});

/** What the headings of a document are called in links, as GitHub makes it. */
function anchorsOf(document: string): string[] {
  const headings = [...read(document).matchAll(/^#+ (.*)$/gm)].map((match) => match[1]!);
  return headings.map((text) =>
    text
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replaceAll(" ", "-"),
  );
}

test("every piece of TypeScript in the documents can be built", async () => {
  const samples = ["README.md", ...DOCS].flatMap((document) =>
    [...read(document).matchAll(/```tsx?\n([\s\S]*?)```/g)].map(([, code = ""]) => ({ document, code })),
  );
  expect(samples.length).toBeGreaterThan(4);
  await using town = await startBuilder();
  for (const { document, code } of samples) {
    expect([document, await town.wrong({ "main.tsx": code })]).toEqual([document, []]);
  }
}, 120_000);

test("the picture of the code base names every folder and no other", () => {
  const text = read("docs/architecture.md");
  const folders = readdirSync(join(ROOT, "src"), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  expect(folders.map(({ name }) => name).filter((name) => !text.includes(`\`${name}/`))).toEqual([]);
});

test("nothing is said twice: no row, no point and no heading of a document begins like another one", () => {
  for (const document of ["CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md", "docs/operators.md"]) {
    const text = read(document);
    const beginnings = [...text.matchAll(/^(?:- \*\*[^*]+\*\*|- .{30}|\| `[^|]+\||#+ .*)/gm)].map(
      ([one]) => one,
    );
    const twice = beginnings.filter((one, index) => beginnings.indexOf(one) !== index);
    expect([document, twice]).toEqual([document, []]);
  }
});

test("CONTRIBUTING fits on a page", () => {
  expect(read("CONTRIBUTING.md").split("\n").length).toBeLessThanOrEqual(80);
});

test("the lock file knows the packages of every platform: npm ci refuses one that does not", () => {
  const { packages } = JSON.parse(read("package-lock.json")) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const wanted = Object.values(packages).flatMap(({ optionalDependencies }) =>
    Object.keys(optionalDependencies ?? {}),
  );
  expect(wanted.length).toBeGreaterThan(20);
  expect(wanted.filter((name) => !(`node_modules/${name}` in packages))).toEqual([]);
});
