/** Which file is meant when somebody wants to run a val? */

import { HamletError } from "../errors.ts";
import type { Branch, Store, Val } from "../store/store.ts";
import { isCode, type SourceFile } from "../val/file.ts";

const MAIN = /^main\.[jt]sx?$/;

export interface Chosen {
  readonly val: Val;
  readonly branch: Branch;
  readonly file: SourceFile;
}

/** @param named `me/hello` or `me/hello/some/file.ts` */
export async function chooseFile(
  store: Store,
  named: string,
  { branch: branchName, mail }: { readonly branch: string; readonly mail: boolean },
): Promise<Chosen> {
  const [, username, name, path] = /^@?([^/]+)\/([^/]+)(?:\/(.+))?$/.exec(named) ?? [];
  if (!username || !name) {
    throw new HamletError(
      "config",
      "hamlet run takes a val or a file of it, such as me/hello or me/hello/main.ts.",
    );
  }
  const val = await store.vals.findByName(username, name);
  if (!val) throw new HamletError("config", `There is no val ${username}/${name} in this data folder.`);
  const branch = await store.vals.branchByName(val.id, branchName);
  if (!branch) throw new HamletError("config", `${username}/${name} has no branch ${branchName}.`);
  const { files } = await store.files.sources({ valId: val.id, branchId: branch.id });
  const runnable = files.filter((file) => isCode(file.path) && file.type !== "file");
  const file = path === undefined ? choose(runnable, mail) : files.find((one) => one.path === path);
  if (file !== undefined) return { val, branch, file };
  const what = path === undefined ? "Which file of it?" : `It has no file ${path}.`;
  throw new HamletError("config", `${what} ${listOf(`${username}/${name}`, runnable)}`);
}

/** The only one; the only one that is run by hand or by the clock; what is called main. Or the only one that gets mail. */
function choose(files: readonly SourceFile[], mail: boolean): SourceFile | undefined {
  const some = files.filter(({ type }) =>
    mail ? type === "email" : type === "script" || type === "interval",
  );
  if (mail) return some.length === 1 ? some[0] : undefined;
  const [only] = files.length === 1 ? files : some.length === 1 ? some : [];
  return only ?? files.find(({ path }) => MAIN.test(path));
}

function listOf(val: string, files: readonly SourceFile[]): string {
  if (files.length === 0) return `There is no code in ${val}.`;
  const lines = files.map(({ path, type }) => `  hamlet run ${val}/${path}  (${type})`);
  return `What can be run:\n${lines.sort().join("\n")}`;
}
