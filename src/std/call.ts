/** One call of the API, as this val. */

import { API_URL } from "./api-url.ts";

/** The token that a val is given for its own life. */
export function token(): string {
  return Deno.env.get("valtown") ?? "";
}

/** `fetch` to a path of the API, with the val's own token. */
export function callApi(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${token()}`);
  return fetch(API_URL + path, { ...init, headers });
}

/** What went wrong, in the words of the API if it has any. */
export async function reasonOf(response: Response, otherwise: string): Promise<string> {
  const text = await response.text().catch(() => "");
  try {
    const { message, error } = JSON.parse(text);
    if (typeof (message ?? error) === "string") return message ?? error;
  } catch {
    // Not JSON: the text itself is the reason.
  }
  return text.trim() || `${otherwise} (status ${response.status})`;
}
