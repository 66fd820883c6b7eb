/** Where a town, its vals and their files are found on the web. */

const MAX_LABEL = 63;

/** The hosts of one town as seen from outside. */
export interface TownAddress {
  /** `http:` or `https:`. */
  readonly scheme: string;
  /** The app's host name, for example `localhost`. */
  readonly domain: string;
  /** The parent of all endpoint hosts, for example `web.localhost`. */
  readonly webDomain: string;
  /** What stands behind the `@` of all its addresses of mail. */
  readonly mailDomain: string;
  /** `""`, or a colon and the port. */
  readonly port: string;
  /** A colon and the port at which the API is found too, at the root of the app's own host. */
  readonly apiPort?: string;
}

/** The host label every HTTP file has for life: `{username}--{32 hex digits of its id}`. */
export function idLabel(username: string, fileId: string): string {
  return `${username}--${fileId.replaceAll("-", "")}`.toLowerCase();
}

/** The short host label of a val's first HTTP file, `{username}-{val}`; undefined when it would be too long for DNS. */
export function nameLabel(username: string, valName: string): string | undefined {
  const label = `${username}-${valName}`.toLowerCase();
  return label.length <= MAX_LABEL ? label : undefined;
}

/** Whether every client accepts this label: letters, digits and inner hyphens only (RFC 1123 §2.1). */
export function isStrictLabel(label: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(label);
}

/** The label to show of those a file has: the shortest that every client accepts, else simply the shortest. */
export function preferLabels(labels: readonly string[]): string[] {
  const rank = (label: string) => (isStrictLabel(label) ? 0 : MAX_LABEL) + label.length;
  return [...labels].sort((a, b) => rank(a) - rank(b));
}

/** The public URL of an HTTP file, without a trailing slash. */
export function endpointUrl(town: TownAddress, label: string): string {
  return `${town.scheme}//${label}.${town.webDomain}${town.port}`;
}

/** The address of a local part. */
export function mailAddress(town: TownAddress, local: string): string {
  return `${local}@${town.mailDomain}`;
}

/** The page of a user. */
export function userUrl(town: TownAddress, username: string): string {
  return `${appUrl(town)}/u/${encodeURIComponent(username)}`;
}

/** The page of a val, or of one of its branches other than `main`. */
export function valUrl(town: TownAddress, username: string, valName: string, branch = "main"): string {
  const page = `${appUrl(town)}/x/${encodeURIComponent(username)}/${encodeURIComponent(valName)}`;
  return branch === "main" ? page : `${page}/branch/${encodeURIComponent(branch)}`;
}

/** A file of a val in one of its branches; without one, in `main`. */
export interface FilePlace {
  readonly username: string;
  readonly valName: string;
  readonly path: string;
  readonly branch?: NamedBranch;
}

interface NamedBranch {
  readonly name: string;
  readonly version: number;
}

/** The page of one file of a val. */
export function fileUrl(town: TownAddress, { username, valName, path, branch }: FilePlace): string {
  return `${valUrl(town, username, valName, branch?.name)}/code/${encodePath(path)}`;
}

/** The URL from which other code imports a file as a module. */
export function moduleUrl(town: TownAddress, { username, valName, path, branch }: FilePlace): string {
  const val = `${encodeURIComponent(username)}/${encodeURIComponent(valName)}${branchPin(branch)}`;
  return `${town.scheme}//esm.${town.domain}${town.port}/v/${val}/${encodePath(path)}`;
}

/** How an address names a branch; one whose own name begins like a version needs that too. */
function branchPin(branch: NamedBranch | undefined): string {
  if (branch === undefined || branch.name === "main") return "";
  const name = encodeURIComponent(branch.name);
  return /^\d+-/.test(branch.name) ? `@${branch.version}-${name}` : `@${name}`;
}

/**
 * The hosts that this town answers for, as `URL.host` writes them; a `.` at the start stands for all below. Those by which
 * code written for Val Town knows it are among them.
 * @param origin that of the module host
 */
export function ownHosts(town: TownAddress, origin: string): string[] {
  const { scheme, domain, webDomain, port } = town;
  const names = [domain, `api.${domain}`, `esm.${domain}`];
  const hosts = names.map((name) => new URL(`${scheme}//${name}${port}`).host);
  const below = new URL(`${scheme}//x.${webDomain}${port}`).host.slice(1);
  return [...hosts, below, new URL(origin).host, "api.val.town"];
}

/** What a module of one version calls itself (`import.meta.url`); `origin` is that of the module host, `https://esm.town`. */
export function versionedModuleUrl(
  origin: string,
  file: { username: string; valName: string; version: number; branch: string; path: string },
): string {
  const { username, valName, version, branch, path } = file;
  return `${origin}/v/${username}/${valName}@${version}-${encodeURIComponent(branch)}/${encodePath(path)}`;
}

/** The app's address, without a trailing slash. */
export function appUrl(town: TownAddress): string {
  return `${town.scheme}//${town.domain}${town.port}`;
}

/** A path of a file as it is written in a URL. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** The API's address, on a host of its own, without a trailing slash. */
export function apiUrl(town: TownAddress): string {
  return `${town.scheme}//api.${town.domain}${town.port}`;
}
