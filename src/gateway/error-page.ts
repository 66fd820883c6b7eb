import { STATUS_CODES } from "node:http";
import type { HamletError } from "../errors.ts";
import * as headers from "../wire/headers.ts";
import type { Answering } from "./types.ts";

/**
 * One of our own errors as a whole response: a small HTML page for browsers, JSON for everyone else.
 * It says what a visitor may know; the reason is for the owner's logs.
 * @param close say that the connection ends with this answer
 */
export function errorResponse(
  error: HamletError,
  about: { accept: string; method: string; call: Answering | undefined; close: boolean },
): Buffer {
  const { call } = about;
  const trace = call?.trace ?? "";
  const html = about.accept.toLowerCase().includes("text/html");
  const title = STATUS_CODES[error.status] ?? "Error";
  const body = html ? page(error, title, trace) : `${JSON.stringify(envelope(error, title, trace))}\n`;
  const bytes = Buffer.from(body);
  const head = [
    `HTTP/1.1 ${error.status} ${title}`,
    `content-type: ${html ? "text/html; charset=utf-8" : "application/json"}`,
    `content-length: ${bytes.length}`,
    `${headers.ERROR}: ${error.code}`,
    "access-control-allow-origin: *",
    "cache-control: no-store",
    `date: ${new Date().toUTCString()}`,
    ...(call ? [`${headers.TRACE}: ${trace}`, `${headers.VERSION}: ${call.deployment.version}`] : []),
    ...(error.status === 503 ? ["retry-after: 1"] : []),
    ...(about.close ? ["connection: close"] : []),
  ];
  const wire = Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1");
  return about.method === "HEAD" ? wire : Buffer.concat([wire, bytes]);
}

function envelope(error: HamletError, title: string, trace: string): Record<string, unknown> {
  return {
    statusCode: error.status,
    error: title,
    message: error.publicMessage,
    code: error.code,
    ...(trace === "" ? {} : { trace }),
  };
}

function page(error: HamletError, title: string, trace: string): string {
  return `<!doctype html>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${error.status} ${title}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem;color:#222;background:#fafafa}
h1{font-size:1.25rem}small{color:#777}@media(prefers-color-scheme:dark){body{color:#ddd;background:#161616}small{color:#999}}</style>
<h1>${error.status} · ${title}</h1>
<p>${error.publicMessage}</p>
${
  error.blame === "author" && trace !== ""
    ? `<p><small>Its author: <code>hamlet trace ${trace}</code></small></p>
`
    : ""
}<p><small>Hamlet · ${error.code}${trace === "" ? "" : ` · ${trace}`}</small></p>
`;
}
