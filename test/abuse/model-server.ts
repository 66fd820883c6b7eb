/** A model server of the operator's that talks too much: it says who it was asked by, and notes what it should not be asked. */

import { startOrigin } from "../support/origin.ts";

export interface ModelServer extends AsyncDisposable {
  /** Base URL. */
  readonly url: string;
  /** The operator's. */
  readonly key: string;
  /** What it was asked and never should have been: one sentence each. */
  breaches(): string[];
}

const USUAL =
  /^\/base\/v1\/(?:models(?:\/[\w.:@%-]+)?|chat\/completions|completions|responses|embeddings|moderations|images\/generations|audio\/speech)$/;

export function startModelServer(): ModelServer {
  const strange: string[] = [];
  // As keys look, so that what recognises keys is tested with it.
  const key = `sk-secret-${crypto.randomUUID()}`;
  const origin = startOrigin((request) => {
    const { pathname, search } = new URL(request.url);
    if (!USUAL.test(pathname) || search !== "")
      strange.push(`the model server was asked for ${pathname}${search}`);
    const told = {
      error: {
        message: `asked with ${request.headers.get("authorization")}`,
        key,
        headers: [...request.headers],
      },
    };
    const headers = {
      "x-key": key,
      "openai-organization": key,
      "set-cookie": `key=${key}`,
      location: `http://${request.headers.get("host")}/${key}`,
    };
    const status = pathname.endsWith("moderations") ? 302 : pathname.endsWith("embeddings") ? 401 : 400;
    return Response.json(told, { status, headers });
  });
  return {
    url: `http://${origin.address}/base/v1`,
    key,
    breaches: () => strange,
    [Symbol.asyncDispose]: () => origin[Symbol.asyncDispose](),
  };
}
