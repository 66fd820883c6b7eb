/** Who answers `std/openai`? The operator's model server, any that speaks OpenAI's protocol, with the operator's key. */
import type { Log } from "../log.ts";
import * as headers from "../wire/headers.ts";
import { passOn, passOnModels } from "./openai-answer.ts";
import { NO_RETRY, OpenAiError } from "./openai-error.ts";
import { type ModelCall, readCall } from "./openai-request.ts";
import { createRate } from "./rate.ts";

/** Where the models are. */
export interface ModelServer {
  /** Base URL, such as `https://models.example/v1`. */
  readonly url: string;
  readonly key?: string;
  /** The `Host` to ask for, when the name in `url` is not to be resolved. */
  readonly host?: string;
  /** It is the demo model, which needs no rules and says so. */
  readonly demo?: boolean;
}

export interface OpenAiOptions {
  /** Asked for at each call. */
  readonly upstream: () => ModelServer | Promise<ModelServer>;
  /** Models that may be used; empty for all. */
  readonly models: readonly string[];
  /** Calls per user; 0 for no limit. */
  readonly ratePerMinute: number;
  /** Time that the model server may take to begin its answer, ms. */
  readonly firstByteMs?: number;
  readonly maxBodyBytes?: number;
  /** Hears of what only the operator can mend. */
  readonly log?: Log;
}

export interface OpenAi {
  /** Pass on a call; `path` is what stands behind the base URL. Never rejects: errors are answers, in OpenAI's shape. */
  proxy(viewer: { readonly userId: string }, path: string, request: Request): Promise<Response>;
}

const DEFAULTS = { firstByteMs: 60_000, maxBodyBytes: 20 * 1024 * 1024 };

/** Make the proxy. It keeps nothing but the calls' rate. */
export function createOpenAi(options: OpenAiOptions): OpenAi {
  const { upstream, models, ratePerMinute, log } = options;
  const firstByteMs = options.firstByteMs ?? DEFAULTS.firstByteMs;
  const maxBodyBytes = options.maxBodyBytes ?? DEFAULTS.maxBodyBytes;
  const rate = createRate({ perMinute: ratePerMinute });

  async function pass(userId: string, path: string, request: Request): Promise<Response> {
    const server = await upstream();
    const wait = server.demo ? 0 : rate.take(userId);
    if (wait > 0) throw tooMany(ratePerMinute, wait);
    const allowed = server.demo ? [] : models;
    const call = await readCall(path, request, { models: allowed, maxBodyBytes });
    return inTime(firstByteMs, request.signal, async (signal) => {
      const answer = await ask(server, call, request.headers, signal);
      if (server.demo && answer.headers.has(headers.ERROR)) throw noModel();
      const isList = call.path === "models" && answer.status === 200 && allowed.length > 0;
      const passed = isList
        ? await passOnModels(answer, allowed)
        : await passOn(answer, server.key, (error) => {
            if (!request.signal.aborted) log?.warn("The model server broke off an answer.", { error });
          });
      if (server.demo) passed.headers.set(headers.MODEL, "demo");
      return passed;
    });
  }

  return {
    async proxy({ userId }, path, request) {
      try {
        return await pass(userId, path, request);
      } catch (error) {
        if (!(error instanceof OpenAiError)) {
          if (!request.signal.aborted) log?.error("A call to the model server failed.", { error });
          return new OpenAiError(
            500,
            "internal_error",
            "Hamlet itself failed. Tell the operator.",
          ).toResponse();
        }
        if (error.code.startsWith("upstream_"))
          log?.warn(error.message, { code: error.code, error: error.cause });
        return error.toResponse();
      }
    },
  };
}

/** What `work` makes, if it does so in time. The caller's leaving ends it, then and later. */
async function inTime<T>(
  ms: number,
  caller: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ms);
  try {
    return await work(AbortSignal.any([caller, late.signal]));
  } catch (cause) {
    if (cause instanceof OpenAiError) throw cause;
    if (late.signal.aborted) throw tooLate(ms);
    if (caller.aborted) throw new OpenAiError(499, "caller_left", "The caller has left.");
    throw unreachable(cause);
  } finally {
    clearTimeout(timer);
  }
}

function ask(server: ModelServer, call: ModelCall, from: Headers, signal: AbortSignal): Promise<Response> {
  return fetch(`${server.url.replace(/\/+$/, "")}/${call.path}`, {
    method: call.method,
    headers: headersFor(server, call, from),
    body: call.body || undefined,
    signal,
    // Elsewhere the key is nobody's business.
    redirect: "manual",
    // A model may think for minutes between two chunks.
    ...({ timeout: false } as object),
  });
}

function headersFor(server: ModelServer, call: ModelCall, from: Headers): Headers {
  // Compressed, a stream's chunks could be held back on their way.
  const to = new Headers({ "accept-encoding": "identity", "user-agent": "hamlet" });
  to.set("accept", from.get("accept") ?? "application/json");
  if (call.method === "POST") to.set("content-type", "application/json");
  const beta = from.get("openai-beta");
  if (beta !== null) to.set("openai-beta", beta);
  if (server.key) to.set("authorization", `Bearer ${server.key}`);
  if (server.host) to.set("host", server.host);
  return to;
}

function tooMany(perMinute: number, waitMs: number): OpenAiError {
  const seconds = Math.ceil(waitMs / 1000);
  const message = `This town passes on ${perMinute} calls a minute for each user. Try again in ${seconds} s.`;
  return new OpenAiError(429, "rate_limit_exceeded", message, {
    "retry-after": String(seconds),
    "retry-after-ms": String(waitMs),
  });
}

function noModel(): OpenAiError {
  const message =
    "This town has no model server, and its demo val demoModel does not answer. Operators choose one with --openai-url.";
  return new OpenAiError(503, "no_model_server", message, NO_RETRY);
}

function tooLate(firstByteMs: number): OpenAiError {
  const message = `The model server did not begin to answer within ${firstByteMs / 1000} s.`;
  return new OpenAiError(504, "upstream_timeout", message, NO_RETRY);
}

function unreachable(cause: unknown): OpenAiError {
  const error = new OpenAiError(
    502,
    "upstream_unreachable",
    "The model server could not be reached. Try again.",
  );
  error.cause = cause;
  return error;
}
