/** Calls an endpoint for someone who has no browser at hand. */

import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HOPS, TRACE } from "../../wire/headers.ts";
import type { invokedSchema } from "../contract/runs.ts";
import type { Env } from "./app.ts";
import { ApiError, INVALID } from "./problem.ts";
import type { Runs } from "./types.ts";

interface Asked {
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  readonly encoding?: "text" | "base64" | undefined;
}

const MAX_BODY = 1024 * 1024;
/** An answer may last for ever: so long is it listened to. */
const LISTEN_MS = 60_000;

/** The answer of the endpoint, as far as it is shown. */
export async function callEndpoint(
  c: Context<Env>,
  runs: Runs,
  label: string,
  { method = "GET", path = "/", headers: given = {}, body, encoding }: Asked,
): Promise<z.infer<typeof invokedSchema>> {
  const bodyless = /^(?:GET|HEAD)$/i.test(method);
  if (bodyless && body !== undefined)
    throw new ApiError(400, `body/body must be missing with ${method}`, INVALID);
  const start = performance.now();
  const stop = AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(LISTEN_MS)]);
  const response = await runs.call({
    ...{ label, method: method.toUpperCase(), path, headers: toHeaders(given) },
    body: body === undefined ? undefined : Buffer.from(body, encoding === "base64" ? "base64" : "utf8"),
    hops: c.req.header(HOPS),
    signal: stop,
  });
  const { bytes, truncated } = await readSome(response);
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    ...toText(bytes, truncated),
    truncated,
    traceId: response.headers.get(TRACE),
    durationMs: performance.now() - start,
  };
}

function toHeaders(given: Readonly<Record<string, string>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    try {
      headers.append(name, value);
    } catch {
      throw new ApiError(400, `body/headers/${name} is no header of HTTP`, INVALID);
    }
  }
  return headers;
}

async function readSome(response: Response): Promise<{ bytes: Buffer; truncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let truncated = false;
  const reader = response.body?.getReader();
  try {
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      chunks.push(part.value.subarray(0, MAX_BODY - size));
      size += part.value.length;
      truncated = size > MAX_BODY;
      if (truncated) break;
    }
  } catch {
    // It broke off, or has been listened to for long enough.
    truncated = true;
  }
  await reader?.cancel().catch(() => {});
  return { bytes: Buffer.concat(chunks), truncated };
}

/** A text that was cut may end within a character. */
function toText(bytes: Buffer, truncated: boolean): { body: string; encoding: "text" | "base64" } {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    return { body: decoder.decode(bytes, { stream: truncated }), encoding: "text" };
  } catch {
    return { body: bytes.toString("base64"), encoding: "base64" };
  }
}
