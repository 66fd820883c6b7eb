/** One call of a val as a page for its owner: whole in itself, so that it can be kept. */

import type { z } from "@hono/zod-openapi";
import { triggerOf } from "../../val/deployment.ts";
import type { callSchema } from "../contract/traces.ts";

type Call = z.infer<typeof callSchema>;

/** The page holds what a val wrote: nothing in it may run, and it asks for nothing elsewhere. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

const STYLE = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:3rem auto;padding:0 1rem;color:#222;background:#fafafa}
h1{font-size:1.25rem;overflow-wrap:anywhere}dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}
dt,time,.dim{color:#666}dd{margin:0;overflow-wrap:anywhere}ol{list-style:none;padding:0}li{margin:.75rem 0}
pre{margin:0;font:14px/1.45 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
li.error pre{border-left:3px solid #c33;padding-left:.75rem}li.warn pre{border-left:3px solid #b80;padding-left:.75rem}
time{font-size:.8rem}pre b{color:#a02020}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#161616}dt,time,.dim{color:#999}pre b{color:#f99}}`;

/** The whole page. */
export function renderTrace({ traceId, val, file, version, call, logs, moreLogs, links }: Call): string {
  const title = call === null ? traceId : `${outcomeOf(call)} · ${call.method} ${call.url}`;
  const where = [val.name ?? val.id, file.path ?? file.id, `version ${version}`].join(" · ");
  const facts = call === null ? [] : factsOf(call);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${toHtml(title)}</title>
<style>${STYLE}</style>
<h1>${toHtml(title)}</h1>
<p>${toHtml(where)}</p>
<dl>${facts.map(([name, value]) => `<dt>${name}<dd>${toHtml(value)}`).join("\n")}</dl>
${call === null ? "<p>The call itself is not on record: it has just begun, or too many came in the same second.</p>" : ""}
${moreLogs ? `<p>Only the last lines are shown. All of them: ${toHtml(links.logs)}</p>` : ""}
<ol>${logs.map(renderLine).join("\n")}</ol>
${logs.length === 0 ? "<p>Nothing was logged.</p>" : ""}
<p class="dim">Hamlet · ${toHtml(traceId)}</p>
</html>
`;
}

/** A status, which only calls of endpoints have, or how it went. */
function outcomeOf({ kind, status, error, aborted, endedAt }: NonNullable<Call["call"]>): string {
  if (triggerOf(kind) === "http") return String(status ?? "…");
  return endedAt === null ? "…" : aborted ? "stopped" : error === null ? "ok" : "failed";
}

function factsOf(call: NonNullable<Call["call"]>): [name: string, value: string][] {
  const isWeb = triggerOf(call.kind) === "http";
  const left = isWeb ? "the visitor left before the end" : "nobody wanted it any more";
  const notes = [call.cold ? "cold" : "warm", ...(call.aborted ? [left] : [])];
  return [
    ...(isWeb ? [] : [["Kind", call.kind] as [string, string]]),
    ...(call.error === null ? [] : [["Error", call.error] as [string, string]]),
    ["Began", call.startedAt],
    ...(call.firstByteAt === null ? [] : [["First byte", call.firstByteAt] as [string, string]]),
    ["Ended", call.endedAt ?? "not yet"],
    ...(call.durationMs === null ? [] : [["Took", `${call.durationMs} ms`] as [string, string]]),
    ["Worker", `${call.worker ?? "none"} (${notes.join(", ")})`],
    ...(isWeb ? [["Bytes", `${call.bytesIn} in, ${call.bytesOut} out`] as [string, string]] : []),
  ];
}

function renderLine({ at, level, text }: Call["logs"][number]): string {
  const kind = level === "error" || level === "warn" ? level : "plain";
  return `<li class="${kind}"><time>${toHtml(at)}</time><pre>${text.split("\n").map(renderTextLine).join("\n")}</pre>`;
}

/** In a stack, what is the val's own stands out: `    at handler (https://…/main.ts:3:9)`. */
function renderTextLine(line: string): string {
  if (!/^\s+at /.test(line)) return toHtml(line);
  // No single expression: on lines that are made for it, it would take for ever.
  const start = Math.max(line.lastIndexOf("https://"), line.lastIndexOf("file://"));
  const end = line.endsWith(")") ? line.length - 1 : line.length;
  const place = start < 0 ? "" : line.slice(start, end);
  if (!/:\d+:\d+$/.test(place) || /[\s()]/.test(place)) return `<span class="dim">${toHtml(line)}</span>`;
  return `${toHtml(line.slice(0, start))}<b>${toHtml(place)}</b>${line.slice(end)}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Neither markup nor, by characters that turn the direction of text, another order than it was written in. */
function toHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (one) => ENTITIES[one]!)
    .replace(
      /[^\P{Cc}\n\t]|\p{Bidi_Control}/gu,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}
