/** The published `@valtown/sdk`, as it is, with a town to speak to. */

import ValTown from "@valtown/sdk";
import { APIResource } from "@valtown/sdk/resource";
import { startHamlet, type TestHamlet } from "./server.ts";

/** A running town, and the client of one of its users. */
export interface SdkTown extends AsyncDisposable {
  readonly hamlet: TestHamlet;
  readonly client: ValTown;
  /** Another client; `onRequest` is told of each request. */
  connect(options?: { token?: string; onRequest?: (url: string) => void }): ValTown;
  /** A public val of this user; returns its id. */
  val(name: string): Promise<string>;
  /** A script in a val; returns its id. */
  file(valId: string, path: string, content?: string): Promise<string>;
}

/** Starts a town; ends with the scope. */
export async function openSdkTown(): Promise<SdkTown> {
  const hamlet = await startHamlet();
  const connect: SdkTown["connect"] = ({ token = hamlet.token, onRequest } = {}) =>
    new ValTown({
      bearerToken: token,
      baseURL: `http://127.0.0.1:${hamlet.port}/api`,
      ...(onRequest && {
        fetch: (url: string | URL | Request, init?: RequestInit) => {
          onRequest(String(url));
          return fetch(url, init);
        },
      }),
    });
  const client = connect();
  return {
    hamlet,
    client,
    connect,
    val: async (name) => (await client.vals.create({ name, privacy: "public" })).id,
    file: async (valId, path, content = "") =>
      (await client.vals.files.create(valId, { path, type: "script", content })).id,
    [Symbol.asyncDispose]: () => hamlet[Symbol.asyncDispose](),
  };
}

type Called = (method: string) => void;

/**
 * Every method of every resource of a client, as `vals.files.create`, found in the objects themselves. With `called`,
 * each tells when it is called; what it does stays the same.
 */
export function methodsOf(resource: object, called?: Called, prefix = ""): string[] {
  const own = Object.entries(resource).flatMap(([name, value]) =>
    name !== "_client" && value instanceof APIResource ? methodsOf(value, called, `${prefix}${name}.`) : [],
  );
  if (!(resource instanceof APIResource)) return own;
  const prototype = Object.getPrototypeOf(resource) as Record<string, (...args: unknown[]) => unknown>;
  const names = Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor");
  for (const name of names) {
    if (called === undefined) continue;
    const method = prototype[name]!;
    Object.defineProperty(resource, name, {
      value: (...args: unknown[]) => {
        called(prefix + name);
        return method.apply(resource, args);
      },
    });
  }
  return [...names.map((name) => prefix + name), ...own];
}

/** All items of a paged list. */
export async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(list);
}

/** What a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<InstanceType<typeof ValTown.APIError>> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ValTown.APIError) return error;
    throw error;
  }
  throw new Error("The call was not refused.");
}
