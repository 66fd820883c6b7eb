/** Who gives out tokens of third parties? They are renewed where the operator says, never where a user does. */

import type { Connection, ConnectionPlace, Connections, StoredConnection } from "../store/store.ts";

/** What can be connected. */
export const PROVIDERS = ["google-docs", "slack"] as const;
export type Provider = (typeof PROVIDERS)[number];

/** Where and as whom tokens are renewed. */
export interface ProviderOptions {
  /** The token endpoint (RFC 6749 §3.2). */
  readonly tokenUrl: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
}

export interface ConnectionsOptions {
  readonly connections: Connections;
  readonly providers: Readonly<Record<Provider, ProviderOptions>>;
  readonly now?: () => number;
  /** How long a third party may take to answer, ms. */
  readonly timeoutMs?: number;
}

/** A token that is good for a while. */
export interface GivenToken {
  readonly accessToken: string;
  readonly scopes: readonly string[];
}

export interface ConnectionService {
  /** Undefined where none is stored. Rejects with ConnectionError when it has ended and cannot be renewed. */
  token(place: ConnectionPlace & { readonly provider: Provider }): Promise<GivenToken | undefined>;
  list(userId: string): Promise<Connection[]>;
}

/** A third party that does not renew a token. `message` is a sentence for the token's owner; it names no secret. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

/** A token that ends so soon would be of no use to who asks for it. */
const SOON_MS = 60_000;
const MAX_ANSWER = 64 * 1024;

/** Make the service; it keeps no state but renewals under way. */
export function createConnectionService(options: ConnectionsOptions): ConnectionService {
  const { connections, providers, now = Date.now, timeoutMs = 10_000 } = options;
  /** Who asks meanwhile waits for the same: a refresh token may be good for one use only. */
  const underWay = new Map<string, Promise<GivenToken>>();

  const renew = async (
    place: ConnectionPlace & { readonly provider: Provider },
    stored: StoredConnection,
  ): Promise<GivenToken> => {
    const { refreshToken } = stored;
    if (refreshToken === undefined)
      throw new ConnectionError(
        `The token of ${place.account} has ended, and there is no refresh token. Connect it again.`,
      );
    const answer = await ask(providers[place.provider], refreshToken, timeoutMs);
    const scopes = answer.scope === undefined ? stored.scopes : answer.scope.split(/[ ,]+/);
    await connections.put(place, {
      accessToken: answer.access_token,
      refreshToken: answer.refresh_token ?? refreshToken,
      scopes,
      ...(answer.expires_in === undefined ? {} : { expiresAt: now() + answer.expires_in * 1000 }),
    });
    return { accessToken: answer.access_token, scopes };
  };

  return {
    list: (userId) => connections.list(userId),
    async token(place) {
      const key = JSON.stringify([place.userId, place.provider, place.account]);
      const before = underWay.get(key);
      if (before !== undefined) return before;
      const stored = await connections.find(place);
      if (stored === undefined) return undefined;
      if (stored.expiresAt === null || stored.expiresAt - now() > SOON_MS)
        return { accessToken: stored.accessToken, scopes: stored.scopes };
      const renewal = underWay.get(key) ?? renew(place, stored).finally(() => underWay.delete(key));
      underWay.set(key, renewal);
      return renewal;
    },
  };
}

interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly expires_in?: number;
  readonly scope?: string;
}

async function ask(provider: ProviderOptions, refreshToken: string, timeoutMs: number): Promise<TokenAnswer> {
  const { tokenUrl, clientId, clientSecret } = provider;
  const { host } = new URL(tokenUrl);
  const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken });
  if (clientId !== undefined) body.set("client_id", clientId);
  if (clientSecret !== undefined) body.set("client_secret", clientSecret);
  let text: string;
  try {
    const response = await fetch(tokenUrl, {
      method: "POST",
      headers: { accept: "application/json" },
      body,
      // The secret is for that place alone.
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await readText(response);
  } catch (cause) {
    throw new ConnectionError(`${host}, which renews the token, cannot be reached. Try again later.`, {
      cause,
    });
  }
  const answer = parseAnswer(text);
  if (typeof answer === "object") return answer;
  throw new ConnectionError(`${host} does not renew the token${answer}. Connect the account again.`);
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER) throw new Error("The answer is too long.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** What the token endpoint gives, or the reason that it does not, in brackets. Slack refuses with status 200. */
function parseAnswer(text: string): TokenAnswer | string {
  let json: Record<string, unknown>;
  try {
    json = Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return "";
  }
  const { access_token, refresh_token, expires_in, scope, error, ok } = json;
  if (typeof access_token !== "string" || ok === false) {
    return typeof error === "string" && /^[\w.-]{1,64}$/.test(error) ? ` (${error})` : "";
  }
  return {
    access_token,
    ...(typeof refresh_token === "string" && { refresh_token }),
    ...(typeof expires_in === "number" && expires_in > 0 && { expires_in }),
    ...(typeof scope === "string" && scope !== "" && { scope }),
  };
}
