/** The small file system that a worker sees as `/`: the libraries Deno links to, a few files of /etc, and mount points. */

import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { HamletError } from "../errors.ts";
import type { Libraries } from "./permissions.ts";
import { runToEnd } from "./spawn.ts";

export const PRLIMIT = "/usr/bin/prlimit";
/** Where things are inside. */
export const INSIDE = {
  deno: "/deno",
  cache: "/cache",
  guest: "/hamlet",
  val: "/val",
  sock: "/sock",
  door: "/door",
  tmp: "/tmp",
} as const;

/**
 * Of the shared cache, what workers see: not what builds have fetched from other hosts than the registry, for an address that
 * nobody knows may be all that guards it.
 */
export const CACHE_FOR_WORKERS = ["npm", "code"];

/** Where the operator's own certificates are inside. */
export const OPERATOR_CA = "/etc/ssl/certs/operator.crt";

const FOR_PACKAGES = [
  "libstdc++.so.6",
  "libgcc_s.so.1",
  "libresolv.so.2",
  "librt.so.1",
  "libutil.so.1",
  "libz.so.1",
];
const CERTIFICATES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
];

export interface Mounted {
  readonly from: string;
  /** Path inside, `/`-rooted. */
  readonly to: string;
}

interface RootOptions {
  readonly denoPath: string;
  readonly cacheDir: string;
  readonly guestFolders: readonly string[];
  readonly libraries: Libraries;
  readonly resolvConf: string;
  /** Certificates of the operator's own authorities. */
  readonly caFile?: string | undefined;
  /** Packages with machine code are loaded: what most of them link to is there, too. */
  readonly nativePackages?: boolean;
}

/** Build the tree in `root`; returns what must be mounted into it. Throws HamletError `config`. */
export async function buildRoot(root: string, options: RootOptions): Promise<Mounted[]> {
  const { denoPath, cacheDir, guestFolders, libraries, resolvConf, nativePackages } = options;
  // Bun's too: programs of ours see the same system folders.
  const linked = await linkedTo([denoPath, process.execPath, PRLIMIT]);
  // The umask must not decide whether a worker, another user, can read this.
  const folder = (path: string) => mkdirSync(join(root, path), { recursive: true, mode: 0o755 });
  const file = (path: string, text: string) => writeFileSync(join(root, path), text, { mode: 0o644 });
  const umask = process.umask(0o022);
  try {
    for (const path of ["proc", "dev", "etc/ssl/certs", ...Object.values(INSIDE)]) folder(path);
    file("etc/resolv.conf", resolvConf);
    file("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
    file("etc/hosts", "127.0.0.1 localhost val\n::1 localhost\n");
    file("etc/passwd", "val:x:1000:1000::/tmp:/nonexistent\n");
    file("etc/group", "val:x:1000:\n");
    const bundle = CERTIFICATES.find((path) => existsSync(path));
    if (bundle) copyFileSync(bundle, join(root, "etc/ssl/certs/ca-certificates.crt"));
    if (options.caFile) copyFileSync(options.caFile, join(root, OPERATOR_CA));
    if (options.caFile) chmodSync(join(root, OPERATOR_CA), 0o644);
    for (const path of [PRLIMIT, ...linked, ...(nativePackages ? besideOf(linked) : [])]) {
      folder(dirname(path));
      copyFileSync(path, join(root, path));
      chmodSync(join(root, path), 0o755);
    }
    file(`${INSIDE.deno.slice(1)}/deno`, "");
    const common = commonFolder(guestFolders);
    const inside = insideLibraries(libraries);
    const guests = [
      ...guestFolders.map((from) => ({ from, to: insideGuest(from, common) })),
      ...Object.entries(libraries).map(([name, from]) => ({
        from: dirname(from),
        to: dirname(inside[name]!),
      })),
    ];
    for (const { to } of guests) folder(to);
    for (const name of CACHE_FOR_WORKERS) folder(`${INSIDE.cache}/${name}`);
    const cache = CACHE_FOR_WORKERS.map((name) => ({
      from: join(cacheDir, name),
      to: `${INSIDE.cache}/${name}`,
    }));
    return [{ from: denoPath, to: `${INSIDE.deno}/deno` }, ...cache, ...guests];
  } finally {
    process.umask(umask);
  }
}

/** Where a file or folder of the guest is inside, given the folder that all of them share. */
export function insideGuest(path: string, common: string): string {
  return join(INSIDE.guest, relative(common, path));
}

/** Where the guest's packages are inside, in places of their own: on the host they may lie anywhere above us. */
export function insideLibraries(libraries: Libraries): Libraries {
  const inside = ([name, path]: [string, string]) => [
    name,
    join(INSIDE.guest, "libraries", name, basename(path)),
  ];
  return Object.fromEntries(Object.entries(libraries).map(inside));
}

/** The deepest folder that holds every one of `folders`, never one of them. */
export function commonFolder(folders: readonly string[]): string {
  let common = dirname(resolve(folders[0] ?? "/"));
  while (folders.some((folder) => !resolve(folder).startsWith(common === "/" ? "/" : `${common}/`))) {
    common = dirname(common);
  }
  return common;
}

/** What machine code of packages links to and Deno does not, where there is such. */
function besideOf(libraries: readonly string[]): string[] {
  const folders = new Set(libraries.map((path) => dirname(path)));
  const all = [...folders].flatMap((folder) => FOR_PACKAGES.map((name) => join(folder, name)));
  return all.filter((path) => existsSync(path) && !libraries.includes(path));
}

async function linkedTo(programs: readonly string[]): Promise<string[]> {
  const options = { env: { PATH: "/usr/bin:/bin", LC_ALL: "C" }, timeoutMs: 10_000, maxOutputBytes: 65_536 };
  const { code, stdout, stderr } = await runToEnd(["/usr/bin/ldd", ...programs], options);
  if (code !== 0) throw new HamletError("config", `ldd cannot tell what Deno links to: ${stderr.trim()}`);
  // `libc.so.6 => /lib/…/libc.so.6 (0x…)` and `/lib64/ld-linux-x86-64.so.2 (0x…)`; not the headers `/path/to/program:`.
  return [...new Set([...stdout.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1]!))];
}
