/** Wall 1: what Deno itself is told to refuse, as command-line flags. */

import { dirname } from "node:path";
import { denoDenyList, type Egress } from "./egress.ts";

/** The places a worker knows, as the worker sees them. */
export interface Layout {
  /** The val's own files, read-only. */
  readonly val: string;
  /** Folder of the unix socket that the guest listens on. */
  readonly socketFolder: string;
  /** The only folder a val may write. */
  readonly scratch: string;
  /** The unix socket of the town itself. */
  readonly door: string;
  /** DENO_DIR. */
  readonly cache: string;
  /** Folders of our own code; the guest's static imports lie in them. */
  readonly guestFolders: readonly string[];
  /** The guest's main module, in one of them. */
  readonly guestEntry: string;
  readonly libraries: Libraries;
}

/** What the guest may import when it needs it, and no val: by name, the path of the module. Its folder has all of it. */
export type Libraries = Readonly<Record<string, string>>;

// Enough for what common npm packages ask at import; not the network interfaces, which tell of the host.
const SYS = [
  "hostname",
  "osRelease",
  "osUptime",
  "loadavg",
  "systemMemoryInfo",
  "uid",
  "gid",
  "cpus",
  "homedir",
  "username",
];

// By which packages find out for which C library they are to load their code.
const NATIVE_SYS = ["networkInterfaces"];

const WITHOUT_PROJECT = ["--no-config", "--no-prompt", "--cached-only", "--quiet"];

// Where it is off, workers would try to write it; where it is not read-only, they would.
const NO_CODE_CACHE = "--no-code-cache";

// Without it `req.signal` aborts after every answer, not only when the visitor has left.
const SIGNALS = "--unstable-no-legacy-abort";

/** What holds for a process that is started for one val. */
export interface OwnProcess {
  /** Path of the lock that decides which modules and packages it gets, and to which nothing can be added. */
  readonly lock?: string | undefined;
  /** Whether it may load machine code that lies in the package cache. With that, all other permissions are void. */
  readonly native?: boolean;
}

/** What else differs from worker to worker. */
export interface WorkerChoices extends OwnProcess {
  /** Whether V8's code cache is to be read. */
  readonly codeCache?: boolean;
}

/** The flags of `deno run` for a worker, before the script. `memoryBytes` is the whole process's limit. */
export function workerFlags(
  layout: Layout,
  egress: Egress,
  memoryBytes: number,
  { lock, native = false, codeCache = false }: WorkerChoices = {},
): string[] {
  return [
    ...WITHOUT_PROJECT,
    ...lockFlags(lock),
    ...(codeCache ? [] : [NO_CODE_CACHE]),
    SIGNALS,
    heapFlag(memoryBytes),
    `--import-map=${importMap(layout)}`,
    // The socket folder is for the guest's Deno.serve only; it revokes both before any user code is there.
    // Deno asks for both rights on the door at each connection, so the val keeps them: what is behind it is public.
    `--allow-read=${paths(readable(layout))}`,
    `--allow-write=${paths([layout.scratch, layout.socketFolder, layout.door])}`,
    // The process is started with a clean environment, so this is the val's own.
    "--allow-env",
    `--allow-sys=${[...SYS, ...(native ? NATIVE_SYS : [])].join(",")}`,
    ...(native ? [`--allow-ffi=${paths([`${layout.cache}/npm`])}`] : []),
    "--allow-net",
    `--deny-net=${denoDenyList(egress).join(",")}`,
    // What a build fetched may be imported from any host; --cached-only keeps the network out of it.
    "--allow-import",
  ];
}

function lockFlags(lock: string | undefined): string[] {
  // Its modules may import bytes, which a bundle holds as code.
  return lock === undefined ? ["--no-lock"] : [`--lock=${lock}`, "--frozen", "--unstable-raw-imports"];
}

/** For a run that fetches modules: what a val imports from any host is public, and nothing of the host's own. */
export function fetchFlags(egress: Egress): string[] {
  return ["--allow-import", `--deny-import=${denoDenyList(egress).join(",")}`];
}

/** Those of a worker without wall 1, to test that the others hold alone. */
export function openFlags(layout: Layout, memoryBytes: number, { lock }: WorkerChoices = {}): string[] {
  return [
    ...WITHOUT_PROJECT,
    ...lockFlags(lock),
    NO_CODE_CACHE,
    SIGNALS,
    heapFlag(memoryBytes),
    `--import-map=${toDataUrl({ scopes: scopes(layout) })}`,
    "--allow-all",
  ];
}

/** What is ours lies in these. */
export function ourFolders({
  guestFolders,
  libraries,
}: Pick<Layout, "guestFolders" | "libraries">): string[] {
  return [...guestFolders, ...Object.values(libraries).map((path) => dirname(path))];
}

/** Deno asks for leave to read what is imported by a computed name, as the guest does with its packages. */
function readable({ val, scratch, socketFolder, cache, door, libraries }: Layout): string[] {
  const packages = Object.values(libraries).map((path) => dirname(path));
  return [val, scratch, socketFolder, `${cache}/npm`, door, ...packages];
}

/**
 * A `data:` import map that leads every file: import outside of the val to a place that does not exist. What is ours can
 * be imported from there only.
 *
 * Deno does not ask for read permission for what a local or `data:` module imports statically, nor for text imports
 * (https://github.com/denoland/deno/issues/10655): without the map a val could read any file the process can.
 */
export function importMap(layout: Layout): string {
  const { val, scratch, guestEntry } = layout;
  // Deno looks its main module up here too; it has no exports.
  const own = [...[val, scratch].map(toFolderUrl), Bun.pathToFileURL(guestEntry).href];
  const imports = { "file:///": "file:///outside-of-this-val/", ...toThemselves(own) };
  return toDataUrl({ imports, scopes: scopes(layout) });
}

/** What modules of ours may import beside what all may. */
function scopes(layout: Pick<Layout, "guestFolders" | "libraries">): Record<string, Record<string, string>> {
  const ours = ourFolders(layout).map(toFolderUrl);
  const named = Object.entries(layout.libraries).map(([name, path]) => [name, Bun.pathToFileURL(path).href]);
  const imports = { ...toThemselves(ours), ...Object.fromEntries(named) };
  return Object.fromEntries(ours.map((url) => [url, imports]));
}

const toFolderUrl = (folder: string) => `${Bun.pathToFileURL(folder).href}/`;
const toThemselves = (urls: readonly string[]) => Object.fromEntries(urls.map((url) => [url, url]));
const toDataUrl = (map: object) => `data:application/json,${encodeURIComponent(JSON.stringify(map))}`;

/** Where modules come from, when it is not from Deno's defaults. */
export interface ModuleHosts {
  /** URL of the npm registry. */
  readonly registry?: string | undefined;
  /** URL of the JSR registry. */
  readonly jsrUrl?: string | undefined;
  /** Certificates of the operator's own authorities, PEM, as Deno sees the path. */
  readonly caFile?: string | undefined;
}

/** The environment of every Deno that Hamlet starts: nothing of the host's own. */
export function denoEnv(cache: string, scratch: string, hosts: ModuleHosts = {}): Record<string, string> {
  const { registry, jsrUrl, caFile } = hosts;
  return {
    DENO_DIR: cache,
    // Each write to the read-only cache that fails is tried again and again, for 160 ms in all.
    DENO_EMIT_CACHE_MODE: "disable",
    // Also the machine's own authorities: a company's registry or proxy may be signed by one.
    DENO_TLS_CA_STORE: "mozilla,system",
    DENO_NO_PACKAGE_JSON: "1",
    DENO_NO_UPDATE_CHECK: "1",
    // One heap of glibc's for all threads: 0.8 MB less private memory in each worker.
    MALLOC_ARENA_MAX: "1",
    HOME: scratch,
    TMPDIR: scratch,
    NO_COLOR: "1",
    ...(registry ? { NPM_CONFIG_REGISTRY: registry } : {}),
    ...(jsrUrl ? { JSR_URL: jsrUrl } : {}),
    ...(caFile ? { DENO_CERT: caFile } : {}),
  };
}

/** The flag that bounds V8's heap, given the whole process's limit. */
// V8 needs room beside its old space (young space, code, stacks, buffers); a quarter, but at most 96 MB of it.
export function heapFlag(memoryBytes: number): string {
  const megabytes = memoryBytes / 2 ** 20;
  return `--v8-flags=--max-old-space-size=${Math.floor(megabytes - Math.min(96, megabytes / 4))}`;
}

/** Deno splits its lists at commas and reads two as one of the path. */
function paths(list: readonly string[]): string {
  return list.map((path) => path.replaceAll(",", ",,")).join(",");
}
