/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a client that does not know whether its POST arrived
 * sends it again with the same key, and gets the first answer instead of a second val.
 *
 * A key is on disk before the request does anything, its answer once it is done. A server that is killed between the two
 * leaves a key without an answer: it is refused from then on, because nobody knows whether the request took effect. What
 * was refused (400 and more) did nothing, so that its key is free again.
 */
import type { MiddlewareHandler } from "hono";
import type { Auth, Viewer } from "../../auth/auth.ts";
import type { Log } from "../../log.ts";
import type { EarlierRequest, KeyedRequest, Requests } from "../../store/store.ts";
import { SCOPES } from "../../val/scope.ts";
import { BUILD_HEADER } from "../contract/common.ts";
import type { Env } from "./app.ts";
import { ApiError, INVALID } from "./problem.ts";

const KEY = /^[\x21-\x7e]{1,255}$/;
const JSON_TYPE = /^application\/([\w.+-]+\+)?json\b/i;
const KEPT_HEADERS = ["content-type", "location", "cache-control", BUILD_HEADER];
/** Answers to POSTs are small; what is larger is not kept. */
const MAX_ANSWER = 32 * 1024;

const RUNNING = "The first request with this Idempotency-Key is still being answered. Ask again in a moment";
const LOST =
  "A request with this Idempotency-Key was taken up before, and its answer is not known. Look what became of it, and use a new key";
const OTHER = "This Idempotency-Key was used for another request. Use a new key for each request";

/** Answers a repeated POST as it was answered before. Must come after the limit of the body, which it reads. */
export function idempotent(auth: Auth, requests: Requests, log: Log | undefined): MiddlewareHandler<Env> {
  const running = new Set<string>();
  return async (c, next) => {
    const header = c.req.header("idempotency-key");
    if (header === undefined || c.req.method !== "POST" || !isJson(c.req.raw)) return await next();
    const viewer = await auth.identifyRequest(c.req.raw);
    // Who has no token is refused anyway.
    if (typeof viewer === "string") return await next();
    const body = await c.req.arrayBuffer();
    const request = toRequest(viewer, keyOf(header), c.req.raw, body);
    const id = `${request.owner} ${request.key}`;
    const earlier = await requests.begin(request);
    if (earlier !== undefined) return replay(earlier, running.has(id));
    running.add(id);
    try {
      await next();
      await settle(requests, request, c.res).catch((error: unknown) =>
        log?.error("An answer could not be kept for its Idempotency-Key.", { error }),
      );
    } finally {
      running.delete(id);
    }
  };
}

function isJson({ body, headers }: Request): boolean {
  return body === null || JSON_TYPE.test(headers.get("content-type") ?? "");
}

/** The draft has it in quotes, most clients send it without. */
function keyOf(header: string): string {
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (KEY.test(key)) return key;
  throw new ApiError(400, "headers/idempotency-key must be 1 to 255 visible characters", INVALID);
}

function toRequest(viewer: Viewer, key: string, { method, url }: Request, body: ArrayBuffer): KeyedRequest {
  const { pathname, search } = new URL(url);
  const hash = new Bun.CryptoHasher("sha256").update(`${method} ${pathname}${search}\n`).update(body);
  const { userId, tokenId, valId } = viewer;
  // Tokens of one OAuth grant share its id: one that may do less is not shown what another was answered.
  const rights = SCOPES.filter((scope) => viewer.permits(scope)).join(" ");
  // A val that was given away has another owner's answers no more.
  const owner = valId === undefined ? `token ${tokenId} ${rights}` : `val ${valId} of ${userId}`;
  return { owner, key, userId, fingerprint: hash.digest("hex") };
}

function replay({ same, answer }: EarlierRequest, isRunning: boolean): Response {
  if (!same) throw new ApiError(422, OTHER);
  if (isRunning)
    throw new ApiError(409, RUNNING, undefined, { "x-should-retry": "true", "retry-after": "1" });
  if (answer === undefined) throw new ApiError(409, LOST);
  const headers = { ...answer.headers, "idempotency-replayed": "true" };
  const empty = answer.status === 204 || answer.status === 205;
  return new Response(empty ? null : answer.body, { status: answer.status, headers });
}

async function settle(requests: Requests, request: KeyedRequest, response: Response): Promise<void> {
  if (response.status >= 400) return await requests.drop(request);
  const type = response.headers.get("content-type") ?? "";
  if (response.body !== null && !JSON_TYPE.test(type)) return;
  const body = await response.clone().text();
  if (body.length > MAX_ANSWER) return;
  const kept = KEPT_HEADERS.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  await requests.finish(request, { status: response.status, headers: Object.fromEntries(kept), body });
}
