/** The vals that one build imports, each asked for once. */

import type { FoundVal, NotFound, WantedVal } from "../wire/bundle.ts";
import { hashOf } from "./key.ts";
import { moduleBase } from "./live.ts";
import type { Pin } from "./types.ts";

export class FoundVals {
  readonly #ask: (want: WantedVal) => Promise<FoundVal | "unknown_user" | undefined>;
  readonly #vals = new Map<string, { readonly val: FoundVal; floating: boolean }>();

  constructor(ask: (want: WantedVal) => Promise<FoundVal | "unknown_user" | undefined>) {
    this.#ask = ask;
  }

  async find(want: WantedVal): Promise<FoundVal | NotFound> {
    const val = await this.#ask(want);
    if (typeof val !== "object") return val ?? "none";
    const key = JSON.stringify([val.valId, val.version, val.branch]);
    const known = this.#vals.get(key) ?? { val, floating: false };
    known.floating ||= want.version === undefined;
    this.#vals.set(key, known);
    return val;
  }

  pins(): Pin[] {
    return [...this.#vals.values()].map(({ val, floating }) => {
      const { valId, username, valName, version, branch } = val;
      return { valId, username, valName, version, branch, floating };
    });
  }

  /** By the beginning of its modules' URLs, what is in it. */
  hashes(origin: string): Map<string, string> {
    return new Map(
      [...this.all(origin)].map(([base, { files }]) => {
        const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
        return [base, hashOf(sorted.flatMap(({ path, content }) => [path, content]))];
      }),
    );
  }

  all(origin: string): Map<string, FoundVal> {
    return new Map([...this.#vals.values()].map(({ val }) => [moduleBase(origin, val), val]));
  }
}
