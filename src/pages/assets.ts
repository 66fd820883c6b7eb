/** The few files that pages load, under names that change with their content. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const TYPES = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
} as const;
const NAMES = ["style.css", "passkey.js", "theme.js", "icon.svg"] as const;

/** A file that a page may load. */
export type AssetName = (typeof NAMES)[number];

interface Asset {
  readonly path: string;
  readonly type: string;
  readonly text: string;
}

const ASSETS = new Map<AssetName, Asset>(NAMES.map((name) => [name, load(name)]));
const BY_PATH = new Map([...ASSETS.values()].map((asset) => [asset.path, asset]));

/** The path of a file as pages link it, `/assets/style-0123456789ab.css`. */
export function assetPath(name: AssetName): string {
  return ASSETS.get(name)!.path;
}

/** The answer to a request for `/assets/…`; undefined when there is no such file. */
export function assetResponse(path: string): Response | undefined {
  const asset = BY_PATH.get(path);
  if (asset === undefined) return undefined;
  return new Response(asset.text, {
    headers: {
      "content-type": asset.type,
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
    },
  });
}

function load(name: AssetName): Asset {
  const text = readFileSync(join(import.meta.dir, name), "utf8");
  const [stem = "", extension = ""] = name.split(".");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return { path: `/assets/${stem}-${hash}.${extension}`, type: TYPES[extension as keyof typeof TYPES], text };
}
