/** Both blob stores have this one client. */

import { ValTownBlobError } from "./blob-error.ts";
import { ValTownBlobNotFoundError } from "./blob-not-found-error.ts";
import { callApi, reasonOf } from "./call.ts";

/** One entry of a listing. */
export interface BlobItem {
  key: string;
  /** In bytes. */
  size: number;
  /** ISO 8601. */
  lastModified: string;
}

/** A store of values of any size under keys of up to 512 characters. */
export interface BlobStore {
  /** The value as a `Response`, which streams; throws `ValTownBlobNotFoundError` when there is none. */
  get(key: string): Promise<Response>;
  /** The parsed value; `undefined` when there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: vals use it as what they know it to be, as with Response.json()
  getJSON(key: string): Promise<any>;
  /** Keeps a string, bytes, a `Blob`, a form or a stream, which is never collected in memory. */
  set(key: string, value: string | BodyInit): Promise<void>;
  /** Keeps any value that JSON can hold. */
  setJSON(key: string, value: unknown): Promise<void>;
  /** All keys that begin with `prefix`, in order. */
  list(prefix?: string): Promise<BlobItem[]>;
  /** Removes a value; one that does not exist is no error. */
  delete(key: string): Promise<void>;
  /** Keeps the value of `from` under `to` too. */
  copy(from: string, to: string): Promise<void>;
  /** Keeps the value of `from` under `to` instead. */
  move(from: string, to: string): Promise<void>;
}

/** The client of the blob store at this path of the API. */
export function createBlobStore(base: string): BlobStore {
  const call = async (path: string, doing: string, init?: RequestInit): Promise<Response> => {
    const response = await callApi(base + path, init);
    if (response.ok) return response;
    const reason = await reasonOf(response, `Error ${doing}`);
    throw response.status === 404 ? new ValTownBlobNotFoundError(reason) : new ValTownBlobError(reason);
  };
  const discard = async (response: Response) => void (await response.body?.cancel());
  const post = async (path: string, doing: string, body?: BodyInit) =>
    discard(await call(path, doing, { method: "POST", body }));

  const get = (key: string) => call(pathOf(key), "getting blob data");
  const set = (key: string, value: string | BodyInit) => post(pathOf(key), "setting blob data", value);

  return {
    get: async (key) => await get(key),
    async getJSON(key) {
      try {
        return await (await get(key)).json();
      } catch (error) {
        if (error instanceof ValTownBlobNotFoundError) return undefined;
        throw error;
      }
    },
    set: async (key, value) => await set(key, value),
    setJSON: async (key, value) => await set(key, JSON.stringify(value)),
    async list(prefix) {
      const query = prefix ? `?prefix=${encodeURIComponent(prefix)}` : "";
      return await (await call(query, "listing blobs")).json();
    },
    delete: async (key) => await discard(await call(pathOf(key), "deleting blob", { method: "DELETE" })),
    copy: async (from, to) => await post(pathOf(to, { copy_from: from }), "copying blob"),
    move: async (from, to) => await post(pathOf(to, { move_from: from }), "moving blob"),
  };
}

function pathOf(key: string, query: Record<string, string> = {}): string {
  // These a URL's path cannot name: a parser takes them for steps, or for nothing.
  const apart = key === "" || key === "." || key === "..";
  const parts = Object.entries(apart ? { key, ...query } : query).map(
    ([name, value]) => `${name}=${encode(value)}`,
  );
  return `/${apart ? "" : encode(key)}${parts.length > 0 ? `?${parts.join("&")}` : ""}`;
}

function encode(key: string): string {
  try {
    return encodeURIComponent(key);
  } catch {
    throw new ValTownBlobError("A key of a blob must be well-formed text: this one has half of a character.");
  }
}
