/** Databases on an sqld (libSQL's server), one namespace per scope: requests are passed on to it. */

import type { Scope } from "./scope.ts";
import { SqliteError } from "./sqlite-error.ts";
import type { Answer } from "./sqlite-home.ts";
import type { Backend } from "./sqlite-local.ts";
import type { Form } from "./sqlite-protocol.ts";

/** Which server, and what to tell it of each database. */
export interface RemoteOptions {
  /** Where it answers clients. */
  readonly url: string;
  /** Where it takes orders for namespaces (its `--admin-listen-addr`). */
  readonly adminUrl: string;
  /** Bearer token for clients, if it asks for one. */
  readonly token?: string;
  readonly quotaBytes: number;
}

const PATHS: Readonly<Record<Form, string>> = {
  v2: "v2/pipeline",
  v3: "v3/pipeline",
  cursor: "v3/cursor",
};

/** Nothing is asked of the server before it is needed. */
export function createRemote({ url, adminUrl, token, quotaBytes }: RemoteOptions): Backend {
  const known = new Set<string>();
  const quotas = new Map<string, number>();
  const call = (name: string, form: Form, body: Uint8Array, signal?: AbortSignal) =>
    reach(`${trim(url)}/${PATHS[form]}`, {
      method: "POST",
      headers: {
        // sqld takes the first label for the namespace.
        host: `${name}.hamlet.internal`,
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: body as Uint8Array<ArrayBuffer>,
      ...(signal === undefined ? {} : { signal }),
    });
  const admin = (method: string, path: string, json?: object) =>
    reach(`${trim(adminUrl)}/v1/namespaces/${path}`, {
      method,
      ...(json === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(json) }),
    });
  const limit = (name: string) =>
    admin("POST", `${name}/config`, {
      block_reads: false,
      block_writes: false,
      max_db_size: `${quotas.get(name) ?? quotaBytes} B`,
    });
  const make = async (name: string) => {
    const { status } = await admin("POST", `${name}/create`, {});
    if (status !== 200 && status !== 400 && status !== 409) throw unreachable(`it answered ${status}`);
    await limit(name);
  };

  return {
    async send(scope, form, body, signal) {
      const name = nameOf(scope);
      let response = known.has(name) ? await call(name, form, body, signal) : undefined;
      if (response === undefined || response.status === 404) {
        // Made again if another server removed it meanwhile.
        await make(name);
        known.add(name);
        response = await call(name, form, body, signal);
      }
      return toAnswer(response);
    },
    setQuota(scope, bytes) {
      const name = nameOf(scope);
      quotas.set(name, bytes);
      if (known.has(name)) limit(name).catch(() => known.delete(name));
    },
    async remove(scope) {
      const name = nameOf(scope);
      known.delete(name);
      const { status } = await admin("DELETE", name, {});
      if (status !== 200 && status !== 404) throw unreachable(`it answered ${status}`);
    },
    // An sqld does not tell which namespaces it has.
    async sweep() {},
    async usage(scope) {
      const response = await admin("GET", `${nameOf(scope)}/stats`);
      if (response.status === 404) return 0;
      const { storage_bytes_used: bytes } = (await response.json()) as { storage_bytes_used?: number };
      return bytes ?? 0;
    },
    async close() {},
  };
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw unreachable(error instanceof Error ? error.message : String(error));
  }
}

async function toAnswer(response: Response): Promise<Answer> {
  const body = await response.bytes();
  if (response.ok || response.headers.get("content-type") === "application/json")
    return { status: response.status, body };
  const message = Buffer.from(body).toString().slice(0, 1000);
  return {
    status: response.status,
    body: Buffer.from(JSON.stringify({ message, code: "HRANA_PROTO_ERROR" })),
  };
}

const trim = (url: string) => url.replace(/\/+$/, "");
const nameOf = ({ kind, id }: Scope) => {
  if (!/^[A-Za-z0-9_-]{1,50}$/.test(id))
    throw new SqliteError(400, "BAD_SCOPE", "That is not the id of a database.");
  return `${kind}-${id}`.toLowerCase();
};

function unreachable(why: string): SqliteError {
  return new SqliteError(503, "UNAVAILABLE", `The database server cannot be reached: ${why}.`);
}
