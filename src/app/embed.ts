/** A val on somebody else's page: its code and its live answer, in a frame. */

import { appUrl, endpointUrl, fileUrl } from "../val/address.ts";
import type { EmbedData } from "../wire/pages.ts";
import type { AppOptions } from "./app.ts";
import { toJson } from "./document.ts";
import type { Build } from "./files.ts";
import { decodePart, findShared, readShared } from "./shared.ts";

const MAX_CODE = 80_000;

/** Answers `/embed/{user}/{val}[/{path}]`, also with `x/` as Val Town has it, and `/embed/new?code=…`. */
export async function renderEmbed(request: Request, build: Build, options: AppOptions): Promise<Response> {
  const url = new URL(request.url);
  const found = await describe(url, options);
  const theme = url.searchParams.get("theme");
  const text = build
    .html("embed")
    .replace("<!--head-->", () => `<script type="application/json" id="embed">${toJson(found)}</script>`)
    .replace(
      '<html lang="en">',
      theme === "light" || theme === "dark" ? `<html lang="en" data-theme="${theme}">` : '<html lang="en">',
    );
  const status = found.problem === undefined ? 200 : 404;
  return new Response(text, { status, headers: headers(options) });
}

/** Who looks does not matter: no cookie is read, so that nobody's private val is in a page of others. */
async function describe({ pathname, searchParams }: URL, { store, town }: AppOptions): Promise<EmbedData> {
  const home = appUrl(town);
  const parts = pathname.slice("/embed/".length).split("/").map(decodePart);
  if (parts[0] === "new" && parts.length === 1) {
    const code = (searchParams.get("code") ?? "").slice(0, MAX_CODE);
    const page = `${home}/new?code64=${encodeURIComponent(Buffer.from(code).toString("base64"))}`;
    return { title: "New val", page, path: "main.tsx", code, home };
  }
  const [user = "", name = "", ...path] = parts[0] === "x" ? parts.slice(1) : parts;
  const val = await findShared(store, user, name);
  const version = /^\d{1,9}$/.exec(searchParams.get("v") ?? "")?.[0];
  const file =
    val &&
    (await readShared(store, val, {
      path: path.join("/") || undefined,
      version: version === undefined ? undefined : Number(version),
    }));
  if (val === undefined || file === undefined) {
    const problem = "There is no such val or file here, or it is private.";
    return { title: "Not found", path: "", code: "", home, problem };
  }
  const { entry, content: code } = file;
  const label = entry.labels[0];
  return {
    ...{ title: `${val.username}/${val.name}`, path: entry.path, code, home },
    page: fileUrl(town, { username: val.username, valName: val.name, path: entry.path }),
    ...(label !== undefined && { endpoint: endpointUrl(town, label) }),
  };
}

/** As those of the app's page, but any page may frame it, and it asks nobody anything. */
function headers({ town }: AppOptions): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `frame-src ${endpointUrl(town, "*")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors *",
  ].join("; ");
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "cross-origin",
    "cache-control": "no-cache",
  };
}
