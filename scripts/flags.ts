/** Writes the table of flags into the README: `bun scripts/flags.ts`. A test fails when the two differ. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SERVE_FLAGS } from "../src/config.ts";
import { renderTable } from "../src/flags.ts";

const path = join(import.meta.dir, "../README.md");
const [start, end] = ["<!-- flags -->\n", "<!-- /flags -->"] as const;
const text = readFileSync(path, "utf8");
const [before = "", rest = ""] = text.split(start);
writeFileSync(path, `${before}${start}${renderTable(SERVE_FLAGS)}\n${end}${rest.split(end)[1]}`);
