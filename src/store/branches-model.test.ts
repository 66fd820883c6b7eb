/** Random steps on a val with branches, beside a model in memory that is simple enough to be believed. */

import { expect, test } from "bun:test";
import { failureOf, makeRandom, makeStore, type TestStore } from "../../test/support/store.ts";
import type { FileType } from "../val/file.ts";

type Type = Exclude<FileType, "directory">;

/** A file as the model knows it: a path, a type, and lines of which each is merged by itself. */
interface Sheet {
  readonly path: string;
  readonly type: Type;
  readonly lines: readonly string[];
}

/** Files by an identity that copies share and that a file keeps when it is moved. */
type State = ReadonlyMap<string, Sheet>;

interface Line {
  readonly id: string;
  readonly name: string;
  readonly parent: Line | undefined;
  version: number;
  state: State;
  /** What it and its parent had in common last. */
  base: State;
  /** By version. */
  readonly history: Map<number, State>;
}

const LINES = 4;
/** Between any two lines are three that never change, so that changes of neighbours do not touch. */
const toText = ({ lines }: Sheet) => lines.map((line, i) => `${line}\n- ${i}\n- ${i}\n- ${i}\n`).join("");

/** Of three values the one that a merge takes; undefined when both sides have changed it. */
function choose<T>(base: T | undefined, ours: T, theirs: T): { value: T } | undefined {
  if (ours === theirs || theirs === base) return { value: ours };
  return ours === base ? { value: theirs } : undefined;
}

const same = (a: Sheet, b: Sheet) => a.path === b.path && a.type === b.type && toText(a) === toText(b);

/** Undefined when there is a conflict. */
function merge(base: State, ours: State, theirs: State): State | undefined {
  const merged = new Map<string, Sheet>();
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const [b, o, t] = [base.get(key), ours.get(key), theirs.get(key)];
    if (o === undefined || t === undefined) {
      const left = (o ?? t)!;
      if (b === undefined) merged.set(key, left);
      else if (!same(b, left)) return undefined;
      continue;
    }
    const path = choose(b?.path, o.path, t.path);
    const type = choose(b?.type, o.type, t.type);
    const lines = o.lines.map((line, i) => choose(b?.lines[i], line, t.lines[i]!)?.value);
    if (path === undefined || type === undefined || lines.includes(undefined)) return undefined;
    merged.set(key, { path: path.value, type: type.value, lines: lines as string[] });
  }
  return merged;
}

class Model {
  readonly t: TestStore;
  readonly random: (below: number) => number;
  readonly branches: Line[];
  merges = 0;
  conflicts = 0;
  #count = 0;

  constructor(t: TestStore, random: (below: number) => number) {
    this.t = t;
    this.random = random;
    const state = new Map<string, Sheet>();
    const history = new Map([[0, state]]);
    this.branches = [
      { id: t.branchId, name: "main", parent: undefined, version: 0, state, base: state, history },
    ];
  }

  pick<T>(all: readonly T[]): T {
    return all[this.random(all.length)]!;
  }

  at(line: Line) {
    return { valId: this.t.valId, branchId: line.id };
  }

  /** Remember what a step has made of a branch, and compare what it told. */
  become(line: Line, state: State, told: { version: number; changed: boolean }): void {
    const plain = (one: State) =>
      [...one.values()].map((sheet) => sheet.path + sheet.type + toText(sheet)).sort();
    const changed = JSON.stringify(plain(state)) !== JSON.stringify(plain(line.state));
    if (changed) line.version++;
    expect(told).toMatchObject({ version: line.version, changed });
    line.state = state;
    line.history.set(line.version, state);
  }

  async create(line: Line): Promise<void> {
    const key = `f${this.#count++}`;
    const lines = Array.from({ length: LINES }, () => `${key} ${this.random(3)}`);
    const sheet: Sheet = { path: `${this.pick(["", "a/", "a/b/"])}${key}`, type: "file", lines };
    const done = await this.t.store.files.create(this.at(line), { ...sheet, content: toText(sheet) });
    this.become(line, new Map(line.state).set(key, sheet), done);
  }

  async change(line: Line): Promise<void> {
    if (line.state.size === 0) return this.create(line);
    const [key, sheet] = this.pick([...line.state]);
    const next = {
      edit: () => ({ ...sheet, lines: sheet.lines.with(this.random(LINES), `edited ${this.random(4)}`) }),
      move: () => ({ ...sheet, path: `${this.pick(["", "a/", "c/"])}m${this.#count++}` }),
      type: () => ({ ...sheet, type: this.pick<Type>(["file", "script", "http"]) }),
    }[this.pick(["edit", "edit", "edit", "move", "type"] as const)]();
    const slash = next.path.lastIndexOf("/");
    const done = await this.t.store.files.update(this.at(line), sheet.path, {
      content: toText(next),
      type: next.type,
      name: next.path.slice(slash + 1),
      parentPath: next.path.slice(0, Math.max(0, slash)),
    });
    this.become(line, new Map(line.state).set(key, next), done);
  }

  async remove(line: Line): Promise<void> {
    if (line.state.size === 0) return this.create(line);
    const [key, { path }] = this.pick([...line.state]);
    const done = await this.t.store.files.remove(this.at(line), path, false);
    const state = new Map(line.state);
    state.delete(key);
    this.become(line, state, done);
  }

  async fork(line: Line): Promise<void> {
    if (this.branches.length > 4) return this.dropOne();
    const name = `b${this.#count++}`;
    const { valId, userId: authorId } = this.t;
    const made = await this.t.store.branches.fork({ valId, name, from: line.id, authorId });
    const { version, state } = line;
    expect(made.version).toBe(version);
    const history = new Map([[version, state]]);
    this.branches.push({ id: made.id, name, parent: line, version, state, base: state, history });
  }

  /** One that nothing was forked from: what becomes of such forks is tested elsewhere. */
  async dropOne(): Promise<void> {
    const leaves = this.branches
      .slice(1)
      .filter((one) => this.branches.every(({ parent }) => parent !== one));
    const gone = this.pick(leaves);
    await this.t.store.branches.remove(this.t.valId, gone.id);
    this.branches.splice(this.branches.indexOf(gone), 1);
  }

  async mergeUpOrDown(child: Line): Promise<void> {
    const { parent } = child;
    if (parent === undefined) return;
    const [source, target] = this.random(2) === 0 ? [child, parent] : [parent, child];
    const request = { sourceId: source.id, targetId: target.id, authorId: this.t.userId } as const;
    const done = await this.t.store.merges.merge({ ...request, conflicts: "refuse" });
    const merged = merge(child.base, target.state, source.state);
    expect([source.name, target.name, done.merged]).toEqual([source.name, target.name, merged !== undefined]);
    this.merges++;
    if (merged === undefined) {
      this.conflicts++;
      expect(done).toMatchObject({ changed: false, version: target.version });
      return;
    }
    child.base = source.state;
    this.become(target, merged, done);
    const again = await this.t.store.merges.merge({ ...request, conflicts: "refuse" });
    expect(again).toMatchObject({ merged: true, changed: false, version: target.version });
  }

  async revert(line: Line): Promise<void> {
    const [version, state] = this.pick([...line.history]);
    const done = await this.t.store.versions.revert(this.at(line), version);
    this.become(line, state, done);
  }

  async step(): Promise<void> {
    const line = this.pick(this.branches);
    const roll = this.random(20);
    if (roll < 4) await this.create(line);
    else if (roll < 10) await this.change(line);
    else if (roll < 12) await this.remove(line);
    else if (roll < 14) await this.fork(line);
    else if (roll < 19) await this.mergeUpOrDown(line);
    else await this.revert(line);
  }

  async check(): Promise<void> {
    for (const line of this.branches) {
      const [version, state] = this.random(2) === 0 ? this.pick([...line.history]) : [undefined, line.state];
      const { files } = await this.t.store.files.sources({ ...this.at(line), version });
      const held = files.map(({ path, type, content }) => [path, type, content]);
      const meant = [...state.values()].map((sheet) => [sheet.path, sheet.type, toText(sheet)]);
      expect(held.sort()).toEqual(meant.sort());
    }
  }
}

test.each([1, 2, 3])(
  "whatever is saved, moved, forked, merged and reverted, each branch and version is what it should be (%d)",
  async (seed) => {
    await using t = await makeStore();
    const model = new Model(t, makeRandom(seed));
    for (let step = 0; step < 250; step++) {
      await model.step();
      if (step % 5 === 0) await model.check();
    }
    expect(model.merges).toBeGreaterThan(20);
    expect(model.conflicts).toBeGreaterThan(2);
    expect(model.conflicts).toBeLessThan(model.merges);
  },
  60_000,
);

test("many who write, fork, merge and delete at once lose nothing, and each is told why not", async () => {
  await using t = await makeStore();
  const random = makeRandom(11);
  const { files, branches, merges, vals, versions } = t.store;
  const dev = await branches.fork({ valId: t.valId, name: "dev", authorId: t.userId });
  const acknowledged = { main: [] as string[], dev: [] as string[] };
  const failures = new Set<string>();
  const run = async (work: () => Promise<unknown>) => {
    const failure = await failureOf(work());
    if (failure !== "none") failures.add(failure);
    return failure === "none";
  };
  const jobs = Array.from({ length: 200 }, async (_, i) => {
    const inDev = random(2) === 0;
    const target = { valId: t.valId, branchId: inDev ? dev.id : t.branchId };
    const [up, down] = [
      { sourceId: dev.id, targetId: t.branchId },
      { sourceId: t.branchId, targetId: dev.id },
    ];
    const by = { authorId: t.userId, conflicts: "refuse" } as const;
    const roll = random(10);
    if (roll < 6) {
      const file = { path: `d${random(5)}/f${i}`, type: "file", content: `${i}` } as const;
      if (await run(() => files.create(target, file))) acknowledged[inDev ? "dev" : "main"].push(file.path);
    } else if (roll < 8) await run(() => merges.merge({ ...by, ...(inDev ? up : down) }));
    else if (roll < 9) {
      await run(() => branches.fork({ valId: t.valId, name: `b${random(3)}`, authorId: t.userId }));
    } else {
      const other = await vals.branchByName(t.valId, `b${random(3)}`);
      if (other === undefined) return;
      await run(() => merges.merge({ ...by, sourceId: other.id, targetId: t.branchId }));
      await run(() => branches.remove(t.valId, other.id));
    }
  });
  await Promise.all(jobs);
  for (const failure of failures) expect(["branch_taken", "no_branch"]).toContain(failure);
  const request = { authorId: t.userId, conflicts: "refuse" } as const;
  await merges.merge({ ...request, sourceId: dev.id, targetId: t.branchId });
  await merges.merge({ ...request, sourceId: t.branchId, targetId: dev.id });
  for (const branchId of [t.branchId, dev.id]) {
    const { version, files: held } = await files.sources({ valId: t.valId, branchId });
    const paths = new Set(held.map(({ path }) => path));
    expect([...acknowledged.main, ...acknowledged.dev].filter((path) => !paths.has(path))).toEqual([]);
    // Not one number is missing.
    const { rows } = await versions.list(branchId, { limit: 1000, offset: 0 });
    const first = rows.at(-1)!.version;
    expect(rows.map((one) => one.version)).toEqual(
      Array.from({ length: version - first + 1 }, (_, i) => version - i),
    );
  }
});
