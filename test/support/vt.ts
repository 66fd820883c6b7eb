/**
 * What the command line `vt` does, call by call in its order and with its SDK, on real folders. Not its code: written from
 * the reference of the interface, so that a test says which call a town answers differently.
 */

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ValTown from "@valtown/sdk";
import { all } from "./sdk.ts";
import { scan, VtFolder, writeItem } from "./vt-folder.ts";
import { type Changes, compare, upload } from "./vt-push.ts";

/** A file or directory as the town lists it. */
export type RemoteItem = Awaited<ReturnType<ValTown["files"]["retrieve"]>>;
type Branch = Awaited<ReturnType<ValTown["vals"]["branches"]["retrieve"]>>;

export class Vt {
  readonly sdk: ValTown;

  constructor(api: string, token: string, fetcher: typeof fetch = fetch) {
    this.sdk = new ValTown({
      bearerToken: token,
      baseURL: api,
      defaultHeaders: { "x-vt-version": "0.1.54" },
      fetch: fetcher as never,
    });
  }

  /** `vt create`: a val from what is in the folder. */
  async create(
    path: string,
    name: string,
    { org = "", editorFiles = true, privacy = "public" as const } = {},
  ) {
    const orgs = await all(this.sdk.orgs.list({} as never));
    const orgId = orgs.find(({ username }) => username === org)?.id;
    if (org !== "" && orgId === undefined) throw new Error(`You are no member of ${org}.`);
    mkdirSync(path, { recursive: true });
    const val = await this.sdk.vals.create({ name, description: "", privacy, orgId });
    const main = await this.branch(val.id, "main");
    const folder = VtFolder.make(path, {
      val: { id: val.id },
      branch: { id: main.id, version: main.version },
    });
    const changes = await this.push(folder);
    if (editorFiles) await this.addEditorFiles(folder);
    return { folder, changes, val };
  }

  /** `vt clone USER/VAL [BRANCH]`. */
  async clone(path: string, uri: string, { branch = "main", editorFiles = true } = {}): Promise<VtFolder> {
    const me = await this.sdk.me.profile.retrieve();
    const [first, second] = uri.split("/");
    const [owner, name] = second === undefined ? [me.username!, first!] : [first!, second];
    const val = await this.sdk.alias.username.valName.retrieve(owner, name);
    const { id } = await this.branch(val.id, branch);
    const { version } = await this.sdk.vals.branches.retrieve(val.id, id);
    const folder = VtFolder.make(path, { val: { id: val.id }, branch: { id, version } });
    await this.#download(folder, val.id, id, version);
    if (editorFiles) await this.addEditorFiles(folder);
    return folder;
  }

  /** What `create`, `clone` and `remix` add: the files of `std/vtEditorFiles` that are not there yet. */
  async addEditorFiles(folder: VtFolder): Promise<void> {
    const val = await this.sdk.alias.username.valName.retrieve("std", "vtEditorFiles");
    const main = await this.branch(val.id, "main");
    for (const item of await this.items(val.id, main.id, main.version)) {
      if (existsSync(join(folder.path, item.path))) continue;
      writeItem(folder.path, item, await this.content(val.id, main.id, main.version, item.path));
    }
  }

  /** `vt push`, whose first step is to try whether it may write. */
  async push(folder: VtFolder): Promise<Changes> {
    const { val, branch } = folder.state;
    await this.sdk.vals.retrieve(val.id);
    if (!(await this.mayWrite(val.id))) throw new Error("You do not have write access to this Val");
    const version = await this.version(val.id, branch.id);
    const { changes, local } = await compare(this, folder, version);
    await upload(this, folder, changes, local, await this.items(val.id, branch.id, version));
    folder.save({ val, branch: { id: branch.id, version: await this.version(val.id, branch.id) } });
    return changes;
  }

  /** A path that cannot be there is written to: what is refused, and how, is the answer. */
  async mayWrite(valId: string): Promise<boolean> {
    try {
      await this.sdk.vals.files.update(valId, { path: crypto.randomUUID() });
    } catch (error) {
      if (!(error instanceof ValTown.APIError)) throw error;
      if (error.status === 403 || error.status === 401) return false;
      if (error.status === 404) return !error.message.includes("Not authorized");
      throw error;
    }
    throw new Error("A file that does not exist could be changed.");
  }

  /** `vt status`. */
  async status(folder: VtFolder): Promise<Changes> {
    const { val, branch } = folder.state;
    return (await compare(this, folder, await this.version(val.id, branch.id))).changes;
  }

  /** `vt pull`: the folder becomes what the branch is. */
  async pull(folder: VtFolder): Promise<void> {
    const { val, branch } = folder.state;
    const version = await this.version(val.id, branch.id);
    const kept = await this.#download(folder, val.id, branch.id, version);
    for (const { path } of scan(folder.path, folder.rules())) {
      if (!kept.has(path)) rmSync(join(folder.path, path), { recursive: true, force: true });
    }
    folder.save({ val, branch: { id: branch.id, version } });
  }

  /** `vt checkout NAME`, with `create` `vt checkout -b NAME`. */
  async checkout(folder: VtFolder, name: string, { create = false } = {}): Promise<Branch> {
    const { val, branch } = folder.state;
    await this.status(folder);
    if (create) {
      const from = await this.sdk.vals.branches.retrieve(val.id, branch.id);
      const made = await this.sdk.vals.branches.create(val.id, { branchId: from.id, name });
      await this.items(val.id, from.id, from.version);
      folder.save({ val, branch: { id: made.id, version: made.version } });
      return made;
    }
    const to = await this.sdk.vals.branches.retrieve(val.id, (await this.branch(val.id, name)).id);
    const before = await this.items(val.id, branch.id, await this.version(val.id, branch.id));
    const kept = await this.#download(folder, val.id, to.id, to.version);
    // What was never pushed stays.
    for (const { path } of before) {
      if (!kept.has(path)) rmSync(join(folder.path, path), { recursive: true, force: true });
    }
    folder.save({ val, branch: { id: to.id, version: to.version } });
    return to;
  }

  /** `vt branch`. */
  async branches(folder: VtFolder): Promise<string[]> {
    const list = await all(this.sdk.vals.branches.list(folder.state.val.id, {}));
    return list.map(({ name }) => name);
  }

  /** `vt branch -D NAME`. */
  async deleteBranch(folder: VtFolder, name: string): Promise<void> {
    const { val } = folder.state;
    await this.sdk.vals.branches.delete(val.id, (await this.branch(val.id, name)).id);
  }

  /** `vt remix USER/VAL`: a copy is pushed, then each file gets the type that it had. */
  async remix(path: string, uri: string, name: string): Promise<VtFolder> {
    const temporary = mkdtempSync(join(tmpdir(), "vt-"));
    try {
      const source = await this.clone(temporary, uri, { editorFiles: false });
      const { val: from, branch } = source.state;
      rmSync(join(temporary, ".vt"), { recursive: true });
      cpSync(temporary, path, { recursive: true, preserveTimestamps: true });
      await this.sdk.vals.retrieve(from.id);
      const { folder } = await this.create(path, name);
      const items = await this.items(from.id, branch.id, branch.version);
      await Promise.all(
        items
          .filter(({ type }) => type !== "directory")
          .map(({ path: at, type }) =>
            this.sdk.vals.files.update(folder.state.val.id, {
              path: at,
              type: type as never,
              branch_id: folder.state.branch.id,
            }),
          ),
      );
      return folder;
    } finally {
      rmSync(temporary, { recursive: true });
    }
  }

  /** `vt delete`. */
  async delete(folder: VtFolder): Promise<void> {
    await this.sdk.vals.delete(folder.state.val.id);
    rmSync(join(folder.path, ".vt"), { recursive: true });
  }

  /** `vt list [OFFSET]`. */
  list(offset: number) {
    return all(this.sdk.me.vals.list({ offset } as never));
  }

  /** `vt profile`. */
  async profile() {
    const user = await this.sdk.me.profile.retrieve();
    const orgs = (await all(this.sdk.orgs.list({} as never))).map(({ username }) => username);
    return { user, orgs };
  }

  /** What `vt browse` opens. */
  async page(folder: VtFolder): Promise<string> {
    const { val, branch } = folder.state;
    return (await this.sdk.vals.branches.retrieve(val.id, branch.id)).links.html;
  }

  async version(valId: string, branchId: string): Promise<number> {
    return (await this.sdk.vals.branches.retrieve(valId, branchId)).version;
  }

  /** All files and directories, with the page length that the server chooses. */
  items(valId: string, branchId: string, version: number): Promise<RemoteItem[]> {
    const query = { path: "", branch_id: branchId, version, recursive: true };
    return all(this.sdk.vals.files.retrieve(valId, query));
  }

  async content(valId: string, branchId: string, version: number, path: string): Promise<string> {
    const answer = await this.sdk.vals.files.getContent(valId, { path, branch_id: branchId, version });
    return answer.text();
  }

  async branch(valId: string, name: string): Promise<Branch> {
    const found = (await all(this.sdk.vals.branches.list(valId, {}))).find((one) => one.name === name);
    if (found === undefined) throw new Error(`Branch "${name}" not found in Val`);
    return found;
  }

  /** Writes everything of a version into the folder, with the server's times; returns the paths. */
  async #download(folder: VtFolder, valId: string, branchId: string, version: number): Promise<Set<string>> {
    const items = await this.items(valId, branchId, version);
    await Promise.all(
      items.map(async (item) => {
        const text = item.type === "directory" ? "" : await this.content(valId, branchId, version, item.path);
        writeItem(folder.path, item, text);
      }),
    );
    return new Set(items.map(({ path }) => path));
  }
}

/** Writes files of a folder, as an editor would. */
export function edit(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
