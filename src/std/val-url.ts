/** What the URL of a module says about its val. `std/utils/parseImportMeta.ts` */

import { API_URL } from "./api-url.ts";

/** A file of a val, at a version and in a branch. */
export interface ValMetadata {
  /** The owner. */
  username: string;
  /** The owner, under the names of other days. */
  owner: string;
  handle: string;
  /** The val. */
  name: string;
  /** The file, without a leading slash. */
  path: string;
  branch: string;
  /** `undefined` when the URL names none: the newest. */
  version: number | undefined;
  /** Pages and modules. */
  links: {
    self: {
      /** The page of the val. */
      val: string;
      /** The same, under the name of other days. */
      project: string;
      /** The page of the file. */
      file: string;
      /** The module itself. */
      module: string;
    };
  };
}

/** As modules are called, `/v/user/val@12-main/file.ts?v=12`, and pages, `/x/user/val/code/file.ts`. */
const MODULE = /^\/v\/([^/]+)\/([^/@]+)(?:@([^/]+))?(?:\/(.+))?$/;
const PAGE = /^\/x\/([^/]+)\/([^/]+)(?:\/branch\/([^/]+))?(?:\/code\/(.+))?\/?$/;

/** The URL that the file being run calls itself. */
export function entrypoint(): string {
  return Deno.env.get("VALTOWN_ENTRYPOINT") ?? "";
}

/**
 * Reads owner, val, file, branch and version from the URL of a module; without one, from that of the file being run.
 *
 * @example
 * ```ts
 * import { parseVal } from "https://esm.town/v/std/utils/index.ts";
 *
 * const val = parseVal("https://esm.town/v/ann/blog@12-main/posts/first.ts");
 * console.log(val.username, val.name, val.path); // → "ann" "blog" "posts/first.ts"
 * console.log(val.version, val.branch); // → 12 "main"
 * console.log(parseVal().links.self.val.endsWith(`/x/${parseVal().username}/${parseVal().name}`)); // → true
 * ```
 */
export function parseVal(importMetaUrl: string = entrypoint()): ValMetadata {
  const url = URL.parse(importMetaUrl);
  const [, user, val, at, file] = (url && (MODULE.exec(url.pathname) ?? PAGE.exec(url.pathname))) ?? [];
  if (!url || !user || !val) {
    throw new Error(`This is not the URL of a module of a val: ${importMetaUrl}. Pass import.meta.url.`);
  }
  const [username, name, path] = [user, val, file ?? "main.tsx"].map(decodeURIComponent) as [
    string,
    string,
    string,
  ];
  const { version, branch } = parseAt(decodeURIComponent(at ?? ""), url.searchParams.get("v"));
  const page = `${webUrl()}/x/${encodeURIComponent(username)}/${encodeURIComponent(name)}`;
  const ofBranch = branch === "main" ? page : `${page}/branch/${encodeURIComponent(branch)}`;
  return {
    username,
    owner: username,
    handle: username,
    name,
    path,
    branch,
    version,
    links: {
      self: { val: page, project: page, file: `${ofBranch}/code/${encodePath(path)}`, module: importMetaUrl },
    },
  };
}

/**
 * The same, under its former name.
 *
 * @deprecated Use `parseVal`.
 * @example
 * ```ts
 * import { parseProject } from "https://esm.town/v/std/utils@85-main/index.ts";
 *
 * console.log(parseProject("https://esm.town/v/ann/blog@12-main/a.ts").name); // → "blog"
 * ```
 */
export function parseProject(importMetaUrl: string = entrypoint()): ValMetadata {
  return parseVal(importMetaUrl);
}

/**
 * Whether this is the file being run, not one that it imports; pass `import.meta.url`.
 *
 * @example
 * ```ts
 * import { isMain } from "https://esm.town/v/std/utils/index.ts";
 *
 * console.log(isMain(Deno.env.get("VALTOWN_ENTRYPOINT")!)); // → true
 * console.log(isMain("https://esm.town/v/ann/blog@12-main/other.ts")); // → false
 * ```
 */
export function isMain(importMetaURL: string): boolean {
  return importMetaURL === entrypoint();
}

/** A path of a file as it stands in a URL; steps upwards would leave the val. */
export function encodePath(path: string): string {
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.some((part) => part === "." || part === "..")) {
    throw new Error(`Failed to fetch file ${path}: a path of a val's file has no "." and no "..".`);
  }
  return parts.map(encodeURIComponent).join("/");
}

/** `@12-main`, `@12`, `@main`, and `?v=12`, which goes before. */
function parseAt(at: string, query: string | null): { version: number | undefined; branch: string } {
  const [, number, branch] = /^(?:(\d+)(?:-|$))?(.*)$/.exec(at) ?? [];
  const version = query ?? number;
  return { version: version === undefined ? undefined : Number(version), branch: branch || "main" };
}

/** Pages lie on the host that the API's name is made of: `http://api.localhost:3000`, `http://localhost:3000/api`. */
function webUrl(): string {
  if (API_URL === "https://api.val.town") return "https://www.val.town";
  return API_URL.replace("//api.", "//").replace(/\/api$/, "");
}
