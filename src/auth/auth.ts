/** Who is asking? Tokens from `Authorization: Bearer`, checked against the store with a small memory in front. */
export {
  hashPassword,
  PASSWORD_LENGTH,
  PasswordsBusyError,
  passwordProblem,
  verifyPassword,
} from "./passwords.ts";

import {
  makeSecret,
  type OAuthRecords,
  type OAuthToken,
  type Orgs,
  type Token,
  type Tokens,
  type Users,
} from "../store/store.ts";
import { parseScopes, permits, SCOPES, type Scope } from "../val/scope.ts";
import { Remembered } from "./remembered.ts";

/** How someone proved who they are. */
export type ViewerKind = "token" | "oauth" | "session" | "worker";

/** Someone who proved who they are, and what their token lets them do. */
export interface Viewer {
  readonly userId: string;
  readonly username: string;
  /** Of the token, or of the session. */
  readonly tokenId: string;
  readonly kind: ViewerKind;
  /**
   * Whose vals are the viewer's to read and change: the own account and those of the organizations. A worker's is its
   * val's owner alone.
   */
  readonly accounts: ReadonlySet<string>;
  /** Whether this person runs the town. */
  readonly admin: boolean;
  /** The val that asks, when the token is that of a running worker. */
  readonly valId?: string;
  readonly valName?: string;
  /** When a session began, epoch milliseconds. */
  readonly signedInAt?: number;
  permits(scope: Scope): boolean;
}

/** For whom a worker speaks: a val, in its owner's name. */
export interface Worker {
  readonly userId: string;
  readonly username: string;
  readonly valId: string;
  readonly valName: string;
}

/** What someone proved in another way than with an API token. */
export interface Grant {
  readonly userId: string;
  readonly tokenId: string;
  readonly kind: Exclude<ViewerKind, "token" | "worker">;
  readonly scopes: readonly string[];
  /** When a session began, epoch milliseconds. */
  readonly signedInAt?: number;
}

/** A session that a request's cookie belongs to. */
export interface KnownSession {
  readonly id: string;
  readonly userId: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Whether a page of the app itself has sent the request, so that the person may have meant it. */
  readonly sameOrigin: boolean;
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
  /**
   * Whose request this is, by its token or else by its cookie. A request with an `Authorization` header never uses the
   * cookie; `foreign` is one that would change something and was sent by a page that is not the app's.
   */
  identifyRequest(request: Request): Promise<Viewer | "anonymous" | "invalid" | "foreign">;
  /** The viewer that a grant makes of its user; undefined when there is no such user any more. */
  vouch(grant: Grant): Promise<Viewer | undefined>;
  /**
   * What is known of a user has changed (memberships, name, role), or the user is gone: it counts at once in this
   * process, in others within `rememberMs`.
   */
  forget(userId: string): void;
  /** A grant of OAuth was taken back, or tokens of it: that counts at once in this process. */
  forgetGrant(grantId: string): void;
  /** Take a token back; in this process at once, in others within `rememberMs`. */
  revoke(tokenId: string): Promise<boolean>;
  /**
   * A token for one worker, in memory only: it looks like any other, may do all but change vals and users, and ends
   * with the worker or this process.
   */
  mint(worker: Worker): Minted;
  /**
   * A val is gone, or has another owner: so are the tokens of its workers, whatever these still do. Those that speak
   * for `keep` stay.
   */
  disown(valId: string, keep?: string): void;
}

export interface AuthOptions {
  readonly tokens: Tokens;
  readonly users: Pick<Users, "find">;
  readonly orgs: Pick<Orgs, "accountsOf">;
  /** The session of a request's cookie, where cookies are accepted at all. */
  readonly session?: (request: Request) => Promise<KnownSession | undefined>;
  /** Access tokens of OAuth; without it there are none. */
  readonly oauth?: Pick<OAuthRecords, "findToken">;
  readonly now?: () => number;
  /** How long an answer of the store is trusted, ms. */
  readonly rememberMs?: number;
  /** How many tokens are remembered, unknown ones included. */
  readonly maxRemembered?: number;
}

/** What is the same for all tokens of a user. */
interface Person extends Pick<Viewer, "userId" | "username" | "accounts" | "admin"> {}

interface Known {
  readonly token: Token | undefined;
  touchedAt: number;
}

/** Methods that change nothing. */
const SAFE = /^(?:GET|HEAD|OPTIONS)$/;
const TOUCH_EVERY_MS = 60_000;
const MAX_TOKEN = 512;
/** An access token of OAuth: 32 bytes in base64url. */
const OAUTH_TOKEN = /^[\w-]{43}$/;
/** What a val may do in its owner's name: its own code is not for it to change. */
const WORKER_SCOPES = SCOPES.filter((scope) => scope !== "val:write" && scope !== "user:write");

export function createAuth(options: AuthOptions): Auth {
  const { tokens, now = Date.now, rememberMs = 10_000, maxRemembered = 10_000 } = options;
  const people = createPeople(options, now, rememberMs, maxRemembered);
  const known = new Remembered<Known>({
    async load(secret) {
      const token = await tokens.find(secret);
      return { token, touchedAt: token?.usedAt ?? 0 };
    },
    ...{ now, rememberMs, max: maxRemembered },
  });
  const workers = new Map<string, Viewer>();
  const asked = new WeakMap<Request, ReturnType<Auth["identifyRequest"]>>();
  const granted = new Remembered<OAuthToken | undefined>({
    load: async (secret) => options.oauth?.findToken(secret),
    ...{ now, rememberMs, max: maxRemembered },
  });

  function touch(found: Known, token: Token): void {
    const at = now();
    if (at - found.touchedAt < TOUCH_EVERY_MS) return;
    found.touchedAt = at;
    // Nobody waits for it, and nothing depends on it.
    tokens.touch(token.id, at).catch(() => {});
  }

  async function identifyRequest(request: Request) {
    const authorization = request.headers.get("authorization");
    if (authorization !== null) return auth.identify(authorization);
    const session = request.headers.has("cookie") ? await options.session?.(request) : undefined;
    if (session === undefined) return "anonymous";
    if (!SAFE.test(request.method) && !session.sameOrigin) return "foreign";
    const { id: tokenId, userId, createdAt: signedInAt } = session;
    return (await vouch({ userId, tokenId, kind: "session", scopes: SCOPES, signedInAt })) ?? "anonymous";
  }

  async function vouch(grant: Grant | undefined): Promise<Viewer | undefined> {
    const person = grant && (await people.find(grant.userId));
    if (grant === undefined || person === undefined) return undefined;
    const { tokenId, kind, scopes, signedInAt } = grant;
    return { ...person, tokenId, kind, signedInAt, permits: (scope) => permits(scopes, scope) };
  }

  const auth: Auth = {
    async identify(authorization) {
      if (authorization === null) return "anonymous";
      const secret = /^Bearer +(.+)$/i.exec(authorization.trim())?.[1];
      if (secret === undefined || secret.length > MAX_TOKEN) return "invalid";
      const worker = workers.get(secret);
      if (worker !== undefined) return (await people.find(worker.userId)) === undefined ? "invalid" : worker;
      const grant = OAUTH_TOKEN.test(secret) ? await granted.find(secret) : undefined;
      if (grant !== undefined) return (await vouch(toGrant(grant, now()))) ?? "invalid";
      const found = await known.find(secret);
      const { token } = found;
      if (token === undefined || (token.expiresAt ?? Infinity) <= now()) return "invalid";
      const person = await people.find(token.userId);
      if (person === undefined) return "invalid";
      touch(found, token);
      const { id: tokenId, scopes } = token;
      return { ...person, tokenId, kind: "token", permits: (scope) => permits(scopes, scope) };
    },
    identifyRequest(request) {
      // Several steps of one request ask.
      const answer = asked.get(request) ?? identifyRequest(request);
      asked.set(request, answer);
      return answer;
    },
    vouch,
    forgetGrant: (grantId) => granted.forget((token) => token?.grantId === grantId),
    forget: (userId) => people.forget(userId),
    async revoke(tokenId) {
      // First the row: a look-up that begins between the two would otherwise put the token back into memory.
      const existed = await tokens.remove(tokenId);
      known.forget(({ token }) => token?.id === tokenId);
      return existed;
    },
    mint({ userId, username, valId, valName }) {
      const token = makeSecret();
      const tokenId = Bun.randomUUIDv7();
      const may = (scope: Scope) => permits(WORKER_SCOPES, scope);
      const viewer = { userId, username, tokenId, valId, valName, permits: may };
      workers.set(token, { ...viewer, kind: "worker", accounts: new Set([userId]), admin: false });
      return { token, revoke: () => void workers.delete(token) };
    },
    disown(valId, keep) {
      for (const [token, viewer] of workers) {
        if (viewer.valId === valId && viewer.userId !== keep) workers.delete(token);
      }
    },
  };
  return auth;
}

/** What an access token proves; undefined when it is not for the API, or no longer good. */
function toGrant({ userId, grantId, payload, expiresAt }: OAuthToken, at: number): Grant | undefined {
  const { aud, scope } = payload;
  if (expiresAt <= at || typeof aud !== "string" || typeof scope !== "string") return undefined;
  return { userId, tokenId: grantId, kind: "oauth", scopes: parseScopes(scope) ?? [] };
}

/** Users with a small memory in front. */
function createPeople(
  { users, orgs }: AuthOptions,
  now: () => number,
  rememberMs: number,
  maxRemembered: number,
) {
  const memory = new Map<string, { person: Person | undefined; until: number }>();
  let changes = 0;
  return {
    async find(userId: string): Promise<Person | undefined> {
      const known = memory.get(userId);
      if (known !== undefined && known.until > now()) return known.person;
      const before = changes;
      const [user, accounts] = await Promise.all([users.find(userId), orgs.accountsOf(userId)]);
      // A suspended account may do nothing, as if it were gone.
      const person =
        user?.suspendedAt === null
          ? { userId, username: user.username, accounts: new Set(accounts), admin: user.admin }
          : undefined;
      // What was read while something changed may be what was before.
      if (changes !== before) return person;
      memory.delete(userId);
      if (memory.size >= maxRemembered) memory.delete(memory.keys().next().value!);
      memory.set(userId, { person, until: now() + rememberMs });
      return person;
    },
    forget(userId: string): void {
      changes++;
      memory.delete(userId);
    },
  };
}
