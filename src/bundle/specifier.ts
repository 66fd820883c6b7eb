/** What an import means by its text alone. */

import type { WantedVal } from "../wire/bundle.ts";

const ESM_SH = /^https?:\/\/(?:[a-z]+\.)?esm\.sh\//;
const NPM = /^npm:\/?((?:@[^/@]+\/)?[^/@]+)(?:@([^/]*))?(?:\/(.*))?$/;
/** What esm.sh puts between a package and its files; and between the host and a package. */
const TARGET = /^(?:es20\d\d|esnext|es5|es6|deno|denonext|node)\//;
const BUILD = /^(?:v\d+|stable)\//;
const RUNTIME = /\/jsx(?:-dev)?-runtime$/;

export interface NpmSpecifier {
  readonly name: string;
  readonly range?: string;
  /** Below the package; "" is the package itself. */
  readonly sub: string;
}

/** `npm:@scope/name@1/sub`; undefined when it is none. */
export function parseNpm(specifier: string): NpmSpecifier | undefined {
  const [, name, range, sub = ""] = NPM.exec(specifier) ?? [];
  return name === undefined ? undefined : { name, ...(range ? { range } : {}), sub };
}

export interface FromEsmSh {
  /** `npm:` or `jsr:`. */
  readonly specifier: string;
  /** More that the lock is to have: `?deps=`. */
  readonly deps: readonly string[];
}

/** The package that an esm.sh URL means; undefined when it is another host's, or nothing of npm's. */
export function fromEsmSh(text: string): FromEsmSh | undefined {
  if (!ESM_SH.test(text)) return undefined;
  const { path, query } = splitQuery(text.replace(ESM_SH, ""));
  const bare = path.replace(BUILD, "").replace(/^\*/, "");
  if (/^(?:gh|pr|http:|https:)\//.test(bare)) return undefined;
  const jsr = /^jsr\/(.+)$/.exec(bare)?.[1];
  if (jsr !== undefined) return { specifier: `jsr:${jsr}`, deps: [] };
  const parsed = parseNpm(`npm:${bare}`);
  if (parsed === undefined) return undefined;
  const sub = toSub(parsed);
  const range = parsed.range?.replace(/&.*$/s, "");
  const deps = (query.get("deps") ?? "").split(",").filter((one) => NPM.test(`npm:${one}`));
  return {
    specifier: `npm:${parsed.name}${range ? `@${range}` : ""}${sub && `/${sub}`}`,
    deps: deps.map((one) => `npm:${one}`),
  };
}

/** An import source with a query gets `/jsx-runtime` put behind the query. */
function splitQuery(rest: string): { path: string; query: URLSearchParams } {
  const [runtime = ""] = RUNTIME.exec(rest) ?? [];
  const [before = "", query = ""] = rest.slice(0, rest.length - runtime.length).split(/[?#]/, 2);
  return { path: decode(`${before.replace(/\/$/, "")}${runtime}`), query: new URLSearchParams(query) };
}

/** `es2022/react.mjs` is the package itself, `es2022/client.mjs` its `client`. */
function toSub({ name, sub }: NpmSpecifier): string {
  if (!TARGET.test(sub)) return sub;
  const inner = sub.replace(TARGET, "").replace(/(?:\.bundle)?(?:\.development)?\.m?js$/, "");
  return inner === name || inner === name.split("/").at(-1) ? "" : inner;
}

/** The val that a module URL means, `/v/…` on one of these hosts; undefined when it is no such URL. */
export function parseValUrl(text: string, hosts: ReadonlySet<string>): WantedVal | undefined {
  if (!/^https?:/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const [, v, user, val, ...path] = url.pathname.split("/").map(decode);
  if (!hosts.has(url.host) || v !== "v" || !user || !val) return undefined;
  const at = val.indexOf("@");
  const pinned = at < 0 ? {} : parsePin(val.slice(at + 1));
  const query = /^\d{1,9}$/.exec(url.searchParams.get("v") ?? "")?.[0];
  const file = path.join("/");
  return {
    username: user,
    valName: at < 0 ? val : val.slice(0, at),
    ...pinned,
    ...(query === undefined || "version" in pinned ? {} : { version: Number(query) }),
    ...(file === "" ? {} : { path: file }),
  };
}

/** `12-main`, `12`, or the name of a branch. */
function parsePin(text: string): { version?: number; branch?: string } {
  const [, version, branch] = /^(\d{1,9})(?:-(.+))?$/.exec(text) ?? [];
  if (version === undefined) return text === "" ? {} : { branch: text };
  return { version: Number(version), ...(branch === undefined ? {} : { branch }) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What to write instead of an import that means nothing here. */
export function hintFor(specifier: string): string | undefined {
  if (specifier.startsWith("@") && /^@\w[\w-]*\/\w+$/.test(specifier)) {
    return `Packages are imported as "npm:${specifier}", vals by their address.`;
  }
  if (specifier.startsWith("/")) return 'The path of a file of this val begins with "./" or "../".';
  if (/^http:/i.test(specifier)) return "Use https: instead of http:.";
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) return "Use npm:, jsr:, https: or node:.";
  return `Packages are imported as "npm:${specifier}", built-in modules as "node:${specifier}".`;
}
