/** `hamlet builds`: which version of a val is served, and what is wrong with a newer one. */

import { SERVE_FLAGS } from "../config.ts";
import type { FileBuild, Store } from "../store/store.ts";
import { defineCommand } from "./command.ts";
import { findVal, withStore } from "./data.ts";
import { escapeControls } from "./terminal.ts";

const PAGE = 100;

/** As the builder writes them. */
interface Diagnostic {
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly hint?: string;
}

export const builds = defineCommand({
  name: "builds",
  usage: "USER/VAL",
  summary: "Print which versions of a val are served or started, and what could not be built.",
  flags: { data: SERVE_FLAGS.data },
  run: ({ data }, positionals, { out }) =>
    withStore(data, { mustExist: true }, async (store) => {
      const val = await findVal(store, "builds", positionals);
      const all = await buildsOf(store, val.id);
      if (all.length === 0) out(`${val.username}/${val.name} has no file that something starts.`);
      for (const build of all) for (const line of render(build)) out(escapeControls(line));
      return all.some(({ failed }) => failed !== undefined) ? 1 : 0;
    }),
});

async function buildsOf(store: Store, valId: string): Promise<FileBuild[]> {
  const all: FileBuild[] = [];
  for (;;) {
    const { rows, more } = await store.deployments.list({ valId }, { limit: PAGE, offset: all.length });
    all.push(...rows);
    if (!more) return all;
  }
}

function render({ path, branch, type, good, failed }: FileBuild): string[] {
  const name = branch === "main" ? path : `${path} (branch ${branch})`;
  const lives = type === "http" ? "served" : "started";
  return [
    ...(failed === undefined ? [] : [`${name}: version ${failed.version} could not be built`]),
    ...list("error", failed?.diagnostics ?? []),
    good === undefined
      ? `${name}: nothing is ${lives}`
      : `${name}: version ${good.version} is ${lives}, ${LEVELS[good.level] ?? `level ${good.level}`}`,
    ...(good?.reasons ?? []).map((reason) => `  note: ${reason}`),
    ...list("warning", good?.warnings ?? []),
  ];
}

const LEVELS = ["bundled", "bundled but for some packages", "not bundled"];

function list(kind: string, diagnostics: readonly unknown[]): string[] {
  return (diagnostics as readonly Diagnostic[]).flatMap(({ file, line, column, message, hint }) => {
    const place = [file, line, column].filter((part) => part !== undefined).join(":");
    const text = `  ${[place, `${kind}:`, message].filter((part) => part !== "").join(" ")}`;
    return hint === undefined ? [text] : [text, `    → ${hint}`];
  });
}
