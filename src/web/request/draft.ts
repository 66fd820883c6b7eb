/** A request as it is being written. */

export type Pair = readonly [name: string, value: string];
export type BodyKind = "none" | "text" | "json" | "form" | "file";

export interface Draft {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: readonly Pair[];
  readonly kind: BodyKind;
  /** Of a body of text or JSON. */
  readonly text: string;
  /** Of a body that is a form. */
  readonly form: readonly Pair[];
}

/** A request as it is sent. */
export interface Wanted {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly Pair[];
  readonly body?: Blob;
}

export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;

export const FRESH: Draft = { method: "GET", path: "/", headers: [], kind: "none", text: "", form: [] };

/** Whether a request of this method has a body. */
export const takesBody = (method: string): boolean => method !== "GET" && method !== "HEAD";

/** What must be mended before it can be sent; undefined when nothing must. */
export function wrongWith(draft: Draft, file: File | undefined): string | undefined {
  for (const [name, value] of draft.headers) {
    if (name === "" && value === "") continue;
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return `"${name}" is no name of a header.`;
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      return `The value of ${name} has a character that no header may have.`;
  }
  if (toPath(draft.path) === undefined) return "The path is no path of an address.";
  if (!takesBody(draft.method)) return undefined;
  if (draft.kind === "file" && file === undefined) return "Choose a file to send.";
  return draft.kind === "json" ? jsonProblem(draft.text) : undefined;
}

/** Why a text is no JSON. */
export function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `This is no JSON: ${(error as Error).message}`;
  }
}

/** What is sent. What is wrong with the draft must have been mended. */
export function toWanted(draft: Draft, file: File | undefined): Wanted {
  const body = toBody(draft, file);
  const headers = draft.headers.filter(([name]) => name !== "");
  const add = (name: string, value: string) => {
    if (value !== "" && !headers.some(([known]) => known.toLowerCase() === name)) headers.push([name, value]);
  };
  if (body !== undefined) add("content-type", body.type);
  add("accept", "*/*");
  add("user-agent", navigator.userAgent);
  const path = toPath(draft.path) ?? "/";
  return { method: draft.method, path, headers, ...(body && { body }) };
}

function toBody({ method, kind, text, form }: Draft, file: File | undefined): Blob | undefined {
  if (!takesBody(method) || kind === "none") return undefined;
  if (kind === "file") return file;
  if (kind === "text") return new Blob([text], { type: "text/plain;charset=utf-8" });
  if (kind === "json") return new Blob([text], { type: "application/json" });
  const fields = new URLSearchParams(
    form.filter(([name]) => name !== "").map(([name, value]) => [name, value]),
  );
  return new Blob([fields.toString()], { type: "application/x-www-form-urlencoded" });
}

/** A path as it goes over the wire; spaces and letters of other alphabets may be typed. */
export function toPath(typed: string): string | undefined {
  const text = typed.trim();
  const url = URL.parse(`http://endpoint.invalid${text.startsWith("/") ? text : `/${text}`}`);
  return url === null || url.host !== "endpoint.invalid" ? undefined : url.pathname + url.search;
}
