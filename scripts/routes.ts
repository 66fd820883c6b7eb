/** Writes the table of routes into docs/api.md: `bun scripts/routes.ts`. A test fails when the two differ. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTown } from "../test/support/town.ts";

const FILE = join(import.meta.dir, "../docs/api.md");
const [START, END] = ["<!-- routes -->\n", "<!-- /routes -->"] as const;

interface Operation {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

/** As much of the API's description as the table needs. */
export interface ApiDocument {
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** All routes by tag, as Markdown. */
export function renderRoutes({ tags, paths }: ApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );
  return tags
    .map(({ name, description }) => {
      const rows = operations
        .filter(({ operation }) => operation.tags.includes(name))
        .map(({ route, operation }) => `| \`${route}\` | ${scopeOf(operation)} | ${operation.summary} |`);
      const title = name[0]!.toUpperCase() + name.slice(1);
      return [`### ${title}`, "", description, "", "| route | scope | does |", "|---|---|---|", ...rows].join(
        "\n",
      );
    })
    .join("\n\n");
}

/** The scope that a token needs, in brackets where it needs none for what is public. */
function scopeOf({ security }: Operation): string {
  const scope = security.flatMap((one) => one.bearerAuth ?? []).at(0);
  if (scope === undefined) return "–";
  return security.some((one) => Object.keys(one).length === 0) ? `(\`${scope}\`)` : `\`${scope}\``;
}

if (import.meta.main) {
  await using town = await makeTown();
  const { json } = await town.expect(200, "GET", "/openapi.json", { token: "" });
  const text = readFileSync(FILE, "utf8");
  const [before = "", rest = ""] = text.split(START);
  writeFileSync(FILE, `${before}${START}${renderRoutes(json)}\n${END}${rest.split(END)[1]}`);
}
