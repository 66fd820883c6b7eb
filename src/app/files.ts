/** What the browser's build consists of, listed once, each file under a name that changes with its content. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".ttf": "font/ttf",
  ".woff2": "font/woff2",
  ".json": "application/json",
};

/** The build, ready to be sent. */
export interface Build {
  /** The page of an entry as it was built: `app` or `embed`. */
  html(entry: "app" | "embed"): string;
  /** The scripts and styles that a part of the app (`pages/front/front.tsx`) needs beside those of every page. */
  needs(part: string): readonly string[];
  /** A script that other sites load by a name that stays: the answer may be kept for a while only. */
  script(name: string): Response | undefined;
  /** The answer to a request for `/_app/…`; undefined when there is no such file. */
  file(request: Request): Response | undefined;
}

interface Sent {
  readonly type: string;
  readonly path: string;
  /** Its compressed forms, made by the build. */
  readonly encodings: readonly string[];
}

/** Read what there is of it in `folder`; undefined when it was not built. */
export function loadBuild(folder: string): Build | undefined {
  if (!existsSync(join(folder, "app.html"))) return undefined;
  const pages = { app: readPage(folder, "app"), embed: readPage(folder, "embed") };
  const assets = join(folder, "_app");
  const names = new Set(readdirSync(assets));
  const files = new Map<string, Sent>();
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const encodings = ["br", "gz"].filter((suffix) => names.has(`${name}.${suffix}`));
    files.set(`/_app/${name}`, { type, path: join(assets, name), encodings });
  }
  const manifest = readManifest(folder);
  return {
    html: (entry) => pages[entry],
    needs: (part) => manifest.get(part) ?? [],
    script(name) {
      const path = join(folder, name);
      if (!existsSync(path)) return undefined;
      const headers = {
        "content-type": TYPES[".js"]!,
        "cache-control": "public, max-age=3600",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "cross-origin",
      };
      return new Response(Bun.file(path), { headers });
    },
    file(request) {
      const sent = files.get(new URL(request.url).pathname);
      return sent && answer(request, sent);
    },
  };
}

function readPage(folder: string, entry: string): string {
  return readFileSync(join(folder, `${entry}.html`), "utf8");
}

function answer(request: Request, { type, path, encodings }: Sent): Response {
  const accepted = (request.headers.get("accept-encoding") ?? "")
    .split(",")
    .map((one) => one.trim().split(";")[0]);
  const suffix = encodings.find((one) => accepted.includes(one === "gz" ? "gzip" : one));
  const headers = new Headers({
    "content-type": type,
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    vary: "accept-encoding",
  });
  if (suffix !== undefined) headers.set("content-encoding", suffix === "gz" ? "gzip" : suffix);
  return new Response(Bun.file(suffix === undefined ? path : `${path}.${suffix}`), { headers });
}

interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
}

/** What the build says of its files (https://vite.dev/guide/backend-integration): by part, all that it imports. */
function readManifest(folder: string): Map<string, readonly string[]> {
  const text = readFileSync(join(folder, ".vite/manifest.json"), "utf8");
  const chunks = JSON.parse(text) as Record<string, Chunk>;
  const filesOf = (part: string, found = new Set<string>()): Set<string> => {
    const chunk = chunks[part];
    if (chunk === undefined || found.has(`/${chunk.file}`)) return found;
    for (const file of [chunk.file, ...(chunk.css ?? [])]) found.add(`/${file}`);
    for (const next of chunk.imports ?? []) filesOf(next, found);
    return found;
  };
  const common = filesOf("app.html");
  return new Map(
    Object.keys(chunks).map((part) => [part, [...filesOf(part)].filter((file) => !common.has(file))]),
  );
}
