/** Who is asking? Tokens from `Authorization: Bearer`, checked against the store with a small memory in front. */
import { makeSecret, type Token, type Tokens } from "../store/store.ts";
import { permits, SCOPES, type Scope } from "../val/scope.ts";

/** Someone who proved who they are, and what their token lets them do. */
export interface Viewer {
  readonly userId: string;
  readonly username: string;
  readonly tokenId: string;
  /** The val that asks, when the token is that of a running worker. */
  readonly valId?: string;
  readonly valName?: string;
  permits(scope: Scope): boolean;
}

/** For whom a worker speaks: a val, in its owner's name. */
export interface Worker {
  readonly userId: string;
  readonly username: string;
  readonly valId: string;
  readonly valName: string;
}

/** A worker's token, good until `revoke`. */
export interface Minted {
  readonly token: string;
  revoke(): void;
}

export interface Auth {
  /**
   * Whose request this is, by its `Authorization` header: a viewer, `anonymous` without the header, and `invalid`
   * when the token is unknown, expired or revoked, or the header is of another kind than Bearer.
   */
  identify(authorization: string | null): Promise<Viewer | "anonymous" | "invalid">;
  /** Take a token back; in this process at once, in others within `rememberMs`. */
  revoke(tokenId: string): Promise<boolean>;
  /**
   * A token for one worker, in memory only: it looks like any other, may do all but change vals and users, and ends
   * with the worker or this process.
   */
  mint(worker: Worker): Minted;
  /** A val is gone: so are the tokens of its workers, whatever these still do. */
  disown(valId: string): void;
}

export interface AuthOptions {
  readonly tokens: Tokens;
  readonly now?: () => number;
  /** How long an answer of the store is trusted, ms. */
  readonly rememberMs?: number;
  /** How many tokens are remembered, unknown ones included. */
  readonly maxRemembered?: number;
}

interface Memory {
  readonly token: Token | undefined;
  readonly until: number;
  touchedAt: number;
}

const TOUCH_EVERY_MS = 60_000;
const MAX_TOKEN = 512;
/** What a val may do in its owner's name: its own code is not for it to change. */
const WORKER_SCOPES = SCOPES.filter((scope) => scope !== "val:write" && scope !== "user:write");

export function createAuth(options: AuthOptions): Auth {
  const { tokens, now = Date.now, rememberMs = 10_000, maxRemembered = 10_000 } = options;
  const memory = new Map<string, Memory>();
  const workers = new Map<string, Viewer>();

  async function lookUp(secret: string): Promise<Memory> {
    const known = memory.get(secret);
    if (known !== undefined && known.until > now()) return known;
    const token = await tokens.find(secret);
    const found = { token, until: now() + rememberMs, touchedAt: known?.touchedAt ?? token?.usedAt ?? 0 };
    memory.delete(secret);
    if (memory.size >= maxRemembered) memory.delete(memory.keys().next().value!);
    memory.set(secret, found);
    return found;
  }

  function touch(found: Memory, token: Token): void {
    const at = now();
    if (at - found.touchedAt < TOUCH_EVERY_MS) return;
    found.touchedAt = at;
    // Nobody waits for it, and nothing depends on it.
    tokens.touch(token.id, at).catch(() => {});
  }

  return {
    async identify(authorization) {
      if (authorization === null) return "anonymous";
      const secret = /^Bearer +(.+)$/i.exec(authorization.trim())?.[1];
      if (secret === undefined || secret.length > MAX_TOKEN) return "invalid";
      const worker = workers.get(secret);
      if (worker !== undefined) return worker;
      const found = await lookUp(secret);
      const { token } = found;
      if (token === undefined || (token.expiresAt ?? Infinity) <= now()) return "invalid";
      touch(found, token);
      return {
        userId: token.userId,
        username: token.username,
        tokenId: token.id,
        permits: (scope) => permits(token.scopes, scope),
      };
    },
    async revoke(tokenId) {
      // First the row: a look-up under way could otherwise put the token back into memory.
      const existed = await tokens.remove(tokenId);
      for (const [secret, { token }] of memory) if (token?.id === tokenId) memory.delete(secret);
      return existed;
    },
    mint({ userId, username, valId, valName }) {
      const token = makeSecret();
      const tokenId = Bun.randomUUIDv7();
      const may = (scope: Scope) => permits(WORKER_SCOPES, scope);
      workers.set(token, { userId, username, tokenId, valId, valName, permits: may });
      return { token, revoke: () => void workers.delete(token) };
    },
    disown(valId) {
      for (const [token, viewer] of workers) if (viewer.valId === valId) workers.delete(token);
    },
  };
}
