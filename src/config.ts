/** What the operator chose. The only file that reads the environment. */

import { isIP } from "node:net";
import { totalmem } from "node:os";
import { resolve } from "node:path";
import { HamletError } from "./errors.ts";
import {
  choice,
  duration,
  type Environment,
  type Flags,
  integer,
  list,
  optional,
  type Parsed,
  parseFlags,
  size,
  text,
  toggle,
  type Values,
} from "./flags.ts";

const HOST_NAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const BASE_URL = /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/;

/** Every flag of `hamlet serve`: parsing, `--help` and the README's table are all made from this. */
export const SERVE_FLAGS = {
  port: integer(3000, 0, 65_535, { help: "Port to listen on; 0 takes a free one." }),
  host: text("127.0.0.1", "an IP address or host name of this machine", /^[0-9a-zA-Z.:-]+$/, {
    help: "Address to listen on.",
  }),
  data: text("./data", "a folder", /./, { help: "Folder of everything that is kept." }),
  domain: text("localhost", "a lower-case host name", HOST_NAME, {
    help: "Host name of the app and the API.",
  }),
  webDomain: optional(
    text("", "a lower-case host name", HOST_NAME, {
      help: "Host name under which the vals' endpoints live. In production: another registrable domain than `--domain`.",
    }),
    "`web.` and the domain",
  ),
  publicUrl: optional(
    text("", "a scheme, host and port, such as https://hamlet.example", BASE_URL, {
      help: "The app's address as visitors see it, when a proxy stands in front. Its scheme and port go for the endpoints too.",
    }),
    "from the domain and the port",
  ),
  sandbox: choice(["auto", "strict", "deno"], "auto", {
    help: "`auto` builds the strongest walls that this machine has, `strict` refuses to start with less than all, `deno` uses Deno's permissions alone.",
  }),
  nativePackages: choice(["off", "on"], "off", {
    help: "Whether a val may load npm packages with machine code of their own, such as sharp. Deno's permissions mean nothing to such code: only the namespaces and the network wall then stand between it and the machine, and without namespaces it is not loaded.",
  }),
  pool: integer(2, 0, 64, { help: "Workers kept started ahead of need." }),
  maxWorkers: integer(200, 1, 10_000, { help: "Workers at once, over all vals." }),
  maxWorkersPerVal: integer(2, 1, 64, { help: "Workers at once of one file of a val." }),
  memory: size("256MB", "64MB", { help: "Memory of one worker; beyond it, it is stopped." }),
  memoryBudget: optional(
    size("", "256MB", { help: "Memory of all warm workers together; beyond it, idle ones end." }),
    "half of the machine's",
  ),
  hangTimeout: duration("10s", {
    help: "CPU time that a worker may burn without giving its event loop a turn.",
  }),
  loadTimeout: duration("30s", { help: "Time that a val may take to import." }),
  firstByteTimeout: duration("60s", {
    help: "Time that a val may take to begin its answer. Once begun, an answer may last for ever.",
  }),
  headerTimeout: duration("10s", { help: "Time that a visitor may take to send the head of a request." }),
  idleTimeout: duration("75s", { help: "Time that a connection is kept open between requests." }),
  maxBody: size("100MB", "1KB", { help: "Largest request body." }),
  maxConnections: integer(8_000, 1, 1_000_000, { help: "Connections of visitors at once." }),
  maxInFlight: integer(8_000, 1, 1_000_000, { help: "Requests in flight at once, over all vals." }),
  maxInFlightPerVal: integer(6_000, 1, 1_000_000, { help: "Requests in flight at once in one val." }),
  trustedProxy: list("an address range such as 10.0.0.0/8", toRange, {
    help: "Proxies whose `x-forwarded-*` headers are believed.",
  }),
  egressAllow: list("an address range with an optional port, such as 10.1.2.3:5432 or 10.0.0.0/8", toEgress, {
    help: "Private addresses that vals may reach all the same.",
  }),
  egressDeny: list("an address range such as 203.0.113.0/24", toRange, {
    help: "Public addresses that vals may not reach.",
  }),
  runsPerSecond: integer(2000, 0, 1_000_000, {
    help: "Traces recorded a second; under more load than that, the rest is counted only.",
  }),
  logRetention: duration("7d", { help: "Age at which traces and logs are dropped." }),
  logSize: size("512MB", "1MB", { help: "Size of traces and logs at which the oldest are dropped." }),
  grace: duration("10s", { help: "Time that open requests get to end after SIGTERM." }),
  json: toggle({
    help: "Write machine-readable lines; the first one on stdout says that the server is ready.",
  }),
} satisfies Flags;

/** The choices of one `hamlet serve`: sizes in bytes, times in milliseconds, `data` absolute. */
export interface Config extends Omit<Values<typeof SERVE_FLAGS>, "webDomain" | "memoryBudget"> {
  readonly webDomain: string;
  readonly memoryBudget: number;
  /** For the abuse suite only: vals get every Deno permission, so that the other walls stand alone. */
  readonly unsafePermissions: boolean;
}

/**
 * Reads the arguments of `hamlet serve`, or of another command that takes the same. Throws HamletError `config` with one
 * sentence.
 */
export function parseConfig(
  argv: readonly string[],
  env: Environment = process.env,
  command = "serve",
): Config {
  const { values, positionals } = parseFlags(command, SERVE_FLAGS, argv, env);
  if (positionals.length > 0)
    throw new HamletError("config", `hamlet ${command} takes only flags, not "${positionals[0]}".`);
  return Object.freeze({
    ...values,
    data: resolve(values.data),
    webDomain: values.webDomain ?? `web.${values.domain}`,
    memoryBudget: values.memoryBudget ?? Math.floor(totalmem() / 2),
    unsafePermissions: toUnsafePermissions(env.HAMLET_UNSAFE_PERMISSIONS),
  });
}

/** Reads the arguments of any other command; throws as `parseConfig` does. */
export function parseCommand<F extends Flags>(
  command: string,
  flags: F,
  argv: readonly string[],
  env: Environment = process.env,
): Parsed<F> {
  return parseFlags(command, flags, argv, env);
}

// ── Inner parts ─────────────────────────────────────────────────────────────────────────────────────────────

/** `10.1.2.3` → `10.1.2.3/32`. */
function toRange(text: string): string | undefined {
  const [, address = "", prefix] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (bits === 0 || Number(prefix ?? bits) > bits) return undefined;
  return `${address.toLowerCase()}/${Number(prefix ?? bits)}`;
}

/** `10.1.2.3:80`, `10.0.0.0/8`, `10.0.0.0/8:80`, `fd00::/8`, `[fd00::1]:80`, `[fd00::/8]:80`; kept as it is written. */
function toEgress(text: string): string | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([\d./]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const known = toRange(bracketed ?? plain ?? text) !== undefined;
  return known && Number(port ?? 1) >= 1 && Number(port ?? 1) <= 65_535 ? text.toLowerCase() : undefined;
}

function toUnsafePermissions(text: string | undefined): boolean {
  if (!text) return false;
  if (text === "allow-all") return true;
  throw new HamletError(
    "config",
    `HAMLET_UNSAFE_PERMISSIONS=${text} is not usable: only allow-all is, and only in a test.`,
  );
}
