/** Hrana over HTTP, as far as it is HTTP: paths, bodies within bounds, and errors in the form that clients read. */

import { SqliteError } from "./sqlite-error.ts";
import type { Answer } from "./sqlite-home.ts";
import { type Form, LIMITS } from "./sqlite-protocol.ts";

const FORMS: Readonly<Record<string, Form>> = {
  "v2/pipeline": "v2",
  "v3/pipeline": "v3",
  "v3/cursor": "cursor",
};

/** Answer one request of a Hrana client; `path` is what follows the base URL. */
export async function answerHrana(
  path: string,
  request: Request,
  send: (form: Form, body: Uint8Array) => Promise<Answer>,
): Promise<Response> {
  try {
    const form = FORMS[path.replace(/^\/+/, "")];
    if (form === undefined) return answerOther(path.replace(/^\/+|\/+$/g, ""), request);
    if (request.method !== "POST")
      throw new SqliteError(405, "METHOD_NOT_ALLOWED", "This path takes only POST.");
    const { status, body } = await send(form, await readBody(request));
    const type = form === "cursor" && status === 200 ? "text/plain" : JSON_TYPE;
    return new Response(body as Uint8Array<ArrayBuffer>, { status, headers: { "content-type": type } });
  } catch (error) {
    return toErrorResponse(error);
  }
}

// Clients look for exactly this, without a charset.
const JSON_TYPE = "application/json";

/** Versions are asked for by the path alone. There is no protobuf. */
function answerOther(path: string, request: Request): Response {
  if (request.method === "GET" && /^(v2|v3)?$/.test(path))
    return new Response("This is SQL over HTTP (Hrana, JSON).\n");
  throw new SqliteError(404, "NOT_FOUND", "Here are v2/pipeline, v3/pipeline and v3/cursor.");
}

function toErrorResponse(error: unknown): Response {
  if (!(error instanceof SqliteError)) throw error;
  const { message, code, status } = error;
  return new Response(JSON.stringify({ message, code }), { status, headers: { "content-type": JSON_TYPE } });
}

async function readBody(request: Request): Promise<Uint8Array> {
  const declared = request.headers.get("content-length");
  if (declared !== null) {
    if (Number(declared) > LIMITS.requestBytes) throw tooLarge();
    return request.bytes();
  }
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request.body ?? []) {
    size += piece.length;
    if (size > LIMITS.requestBytes) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function tooLarge(): SqliteError {
  return new SqliteError(
    413,
    "REQUEST_TOO_LARGE",
    `A request may have at most ${LIMITS.requestBytes / 2 ** 20} MB. Send less at once.`,
  );
}
