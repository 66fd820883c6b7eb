/** What of a val's call may go on to the model server: few endpoints, and of those only what was looked at. */
import { parseJson } from "./json.ts";
import { OpenAiError } from "./openai-error.ts";

/** A call that may go on. */
export interface ModelCall {
  readonly method: "GET" | "POST";
  /** Appended to the model server's base URL. */
  readonly path: string;
  /** JSON; empty for GET. */
  readonly body: string;
}

export interface CallRules {
  /** Models that may be named; empty for all. */
  readonly models: readonly string[];
  readonly maxBodyBytes: number;
}

/**
 * Endpoints that take JSON, answer once, and keep nothing that another user of the operator's key could ask for: no
 * files, threads, batches, stored responses.
 */
const POSTS = [
  "chat/completions",
  "completions",
  "responses",
  "embeddings",
  "moderations",
  "images/generations",
  "audio/speech",
];
const MODEL_ID = /^[\w.:@-]+(?:\/[\w.:@-]+)*$/;

/** What a request asks for. Throws OpenAiError when it may not be passed on. */
export async function readCall(path: string, request: Request, rules: CallRules): Promise<ModelCall> {
  const { method } = request;
  if (method === "GET" && path === "models") return { method, path, body: "" };
  const model = method === "GET" ? modelOf(path) : undefined;
  if (model !== undefined) {
    checkModel(model, rules.models);
    return { method: "GET", path: `models/${encodeURIComponent(model)}`, body: "" };
  }
  if (method === "POST" && POSTS.includes(path)) {
    const json = parseObject(await readText(request, rules.maxBodyBytes));
    checkModels(json, rules.models);
    // Written anew: a doubled "model" could mean another one to the server than to us.
    return { method, path, body: JSON.stringify(json) };
  }
  throw new OpenAiError(
    404,
    "unknown_endpoint",
    `This town does not pass on ${method} ${path.slice(0, 100)}: it knows GET models and POST ${POSTS.join(", ")}.`,
  );
}

/** Whether a model may be used. */
export function mayUse(model: unknown, models: readonly string[]): boolean {
  return models.length === 0 || (typeof model === "string" && models.includes(model));
}

function modelOf(path: string): string | undefined {
  const encoded = /^models\/(.+)$/.exec(path)?.[1];
  if (encoded === undefined) return undefined;
  try {
    const id = decodeURIComponent(encoded);
    // Dots alone would climb to other endpoints on a server that decodes them.
    return MODEL_ID.test(id) && !id.split("/").some((part) => /^\.+$/.test(part)) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** Some servers take a list of models to fall back to as well. */
function checkModels(json: Readonly<Record<string, unknown>>, models: readonly string[]): void {
  const others = Array.isArray(json.models) ? json.models : [];
  for (const model of [json.model, ...others]) checkModel(model, models);
}

function checkModel(model: unknown, models: readonly string[]): void {
  if (mayUse(model, models)) return;
  const named = typeof model === "string" ? `not ${JSON.stringify(model.slice(0, 100))}` : "so name one";
  throw new OpenAiError(
    404,
    "model_not_found",
    `The operator of this town allows the models ${models.join(", ")}, ${named}.`,
  );
}

function parseObject(text: string): Record<string, unknown> {
  const problem = (what: string) => new OpenAiError(400, "invalid_json", `The body ${what}.`);
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    throw problem(`is not JSON: ${(error as Error).message}`);
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>;
  throw problem("is not a JSON object");
}

async function readText(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = () =>
    new OpenAiError(413, "body_too_large", `The body is larger than this town passes on: ${maxBytes} bytes.`);
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
