/** How a command asks the server that runs on its data folder: through its socket, with a token that is good for this once. */

import { resolve } from "node:path";
import { HamletError } from "../errors.ts";
import { socketIn } from "../folder.ts";
import type { Store } from "../store/store.ts";

/** What is asked, as of `fetch`. */
export interface Question {
  readonly path: string;
  /** POST when there is a body, unless told otherwise. */
  readonly body?: string | ReadableStream;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Asker {
  readonly store: Store;
  readonly data: string;
  /** In whose name; a person, for tokens belong to people. */
  readonly userId: string;
}

/** A command that is killed cannot take its token back; it dies by itself. */
const TOKEN_MS = 60 * 60_000;

/** Throws HamletError `config` when no server is there; whatever it answers, `use` has to look at. */
export async function ask<T>(
  { store, data, userId }: Asker,
  question: Question,
  use: (response: Response) => Promise<T>,
): Promise<T> {
  const expiresAt = Date.now() + TOKEN_MS;
  const { id, token } = await store.tokens.create({ userId, label: "hamlet, for one call", expiresAt });
  try {
    return await use(await send(data, token, question));
  } finally {
    await store.tokens.remove(id);
  }
}

/** What the server says when it refuses. */
export async function refusalOf(response: Response): Promise<string> {
  const { message } = (await response.json()) as { message: string };
  return message;
}

async function send(
  data: string,
  token: string,
  { path, body, headers, signal }: Question,
): Promise<Response> {
  try {
    return await fetch(`http://api.localhost${path}`, {
      unix: socketIn(resolve(data), "inner"),
      method: body === undefined ? "GET" : "POST",
      headers: { ...headers, authorization: `Bearer ${token}` },
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
      // Whatever is asked may take as long as it takes.
      ...({ timeout: false } as object),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new HamletError("config", `No Hamlet runs on ${data}. Start it, then try again.`, { cause });
  }
}
