/** Guesses at passwords, counted by account too: whoever has many addresses could go on with each. */

import { networkOf } from "../services/network.ts";
import { CLIENT } from "../wire/headers.ts";
import type { Context } from "./types.ts";

/** Of one address at one account; so that it takes many to lock somebody out. */
const BY_ONE = { window: 600, max: 10 };
/** Of all addresses together at one account. */
const BY_ALL = { window: 3600, max: 100 };

export interface Guess {
  readonly userId: string | undefined;
  readonly name: string;
  readonly address: string;
  /** Seconds until it may be made, or 0. */
  wait(): Promise<number>;
  failed(): Promise<void>;
}

/** Who is to be signed in by this request to better-auth. A passkey names nobody, and cannot be guessed. */
export async function guessOf(request: Request, body: string, { store, limits }: Context): Promise<Guess> {
  const name = nameIn(body);
  const address = request.headers.get(CLIENT) ?? "";
  const user = name.includes("@")
    ? await store.accounts.findByEmail(name)
    : await store.users.findByName(name);
  const account = user?.id ?? name.toLowerCase();
  const network = networkOf(address);
  const [one, all] = [`${network}|guesses at ${account}`, `guesses at ${account}`];
  return {
    userId: user?.id,
    name,
    address,
    async wait() {
      if (account === "") return 0;
      const wait = limits.wait(one, BY_ONE);
      const locked = limits.wait(all, BY_ALL);
      if (locked === 0 || user === undefined) return Math.max(wait, locked);
      // Others' guesses keep nobody out who is at home where they sign in.
      const sessions = await store.accounts.sessions.list(user.id);
      const isHome = sessions.some((session) => networkOf(session.address ?? "") === network);
      return isHome ? wait : Math.max(wait, locked);
    },
    async failed() {
      if (account === "") return;
      await limits.consume(one, BY_ONE);
      await limits.consume(all, BY_ALL);
    },
  };
}

function nameIn(body: string): string {
  try {
    const { username, email } = JSON.parse(body) as { username?: unknown; email?: unknown };
    return String(username ?? email ?? "").slice(0, 100);
  } catch {
    return "";
  }
}
