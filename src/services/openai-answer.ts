/** What of the model server's answer the val gets: all of the body as it comes, and little else. */
import { OpenAiError } from "./openai-error.ts";
import { mayUse } from "./openai-request.ts";

/** Everything else may tell whose account it is: organisation, project, limits, cookies. */
const HEADERS = [
  "cache-control",
  "openai-processing-ms",
  "openai-version",
  "retry-after",
  "retry-after-ms",
  "x-request-id",
  "x-should-retry",
];
/** Nothing that a browser could take for a page of the API's origin. */
const HARMLESS =
  /^(?:application\/(?:json|octet-stream|x-ndjson)|text\/event-stream|audio\/|image\/(?!svg))/i;
const MAX_ERROR = 64 * 1024;
const MAX_LIST = 4 * 1024 * 1024;
/** Keys and the names of accounts, also those that a server has masked in part. */
const SECRETS = /\b(?:sk|org|proj|user)-[\w*.-]{6,}|\bproj_\w{6,}/g;

/** The answer to pass on; each chunk of it leaves when it comes. `broken` hears when it ends before its end. */
export async function passOn(
  answer: Response,
  key: string | undefined,
  broken: (error: unknown) => void,
): Promise<Response> {
  if (answer.status === 401) {
    await answer.body?.cancel();
    throw new OpenAiError(
      502,
      "upstream_refused_key",
      "The model server does not accept the key that this town has for it. Tell the operator.",
      { "x-should-retry": "false" },
    );
  }
  if (answer.status >= 300 && answer.status < 400) {
    await answer.body?.cancel();
    throw new OpenAiError(
      502,
      "upstream_redirected",
      "The model server sent the call elsewhere. Tell the operator.",
    );
  }
  const headers = headersOf(answer);
  if (answer.status < 400) {
    return new Response(answer.body && relay(answer.body, broken), { status: answer.status, headers });
  }
  const text = (await readStart(answer, MAX_ERROR)).toString("utf8");
  return new Response(withoutSecrets(text, key), { status: answer.status, headers });
}

/** The list of models without those that may not be used. */
export async function passOnModels(answer: Response, models: readonly string[]): Promise<Response> {
  const text = (await readStart(answer, MAX_LIST)).toString("utf8");
  const list = parse(text) as { data?: unknown } | undefined;
  if (!Array.isArray(list?.data)) {
    throw new OpenAiError(502, "upstream_answer", "The model server's list of models could not be read.");
  }
  const data = list.data.filter((model) => mayUse((model as { id?: unknown } | null)?.id, models));
  return Response.json({ ...list, data });
}

/** Passed to a server as it is, a body that breaks off is a failure that Bun itself writes to stderr. */
function relay(body: ReadableStream<Uint8Array>, broken: (error: unknown) => void) {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          broken(error);
          controller.error(error);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function headersOf(answer: Response): Headers {
  const headers = new Headers({ "x-content-type-options": "nosniff" });
  for (const name of HEADERS) {
    const value = answer.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const type = answer.headers.get("content-type") ?? "application/octet-stream";
  headers.set("content-type", HARMLESS.test(type) ? type : "text/plain; charset=utf-8");
  return headers;
}

function withoutSecrets(text: string, key: string | undefined): string {
  const shown = key ? text.replaceAll(key, "[key]") : text;
  return shown.replace(SECRETS, "[hidden]");
}

async function readStart(answer: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
