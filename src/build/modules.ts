/** The modules of a level 2 val that are not its own. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { encodePath } from "../val/address.ts";
import type { BundlerSettings, Scanned } from "../wire/bundle.ts";
import { nameStandard } from "../wire/standard.ts";
import type { FoundVals } from "./found.ts";
import { aliasModule, type CachedModule, fileModule, packageModule } from "./unbundled.ts";

/** Every file of the vals that are imported, what is used of the standard library, and all other names of these. */
export function toModules(
  { others, aliases }: Scanned,
  found: FoundVals,
  settings: BundlerSettings,
): CachedModule[] {
  const modules: CachedModule[] = [];
  for (const [base, { files }] of found.all(settings.origin)) {
    for (const { path, content } of files) modules.push(fileModule(`${base}${encodePath(path)}`, content));
  }
  const standard = standardFiles(settings);
  for (const url of others) {
    const file = standard.get(url);
    if (file) modules.push(fileModule(url, readFileSync(file, "utf8")));
  }
  for (const [url, target] of Object.entries(aliases)) {
    modules.push(/^(?:npm|jsr):/.test(target) ? packageModule(url, target) : aliasModule(url, target));
  }
  return modules;
}

/** By URL. */
function standardFiles({ stdFolder, origin }: BundlerSettings): Map<string, string> {
  const table = JSON.parse(readFileSync(join(stdFolder, "modules.json"), "utf8"));
  const { urls } = nameStandard(table, readdirSync(stdFolder), origin);
  return new Map([...urls].map(([file, url]) => [url, join(stdFolder, file)]));
}
