/** Every flag of `hamlet serve`. */

import { isIP } from "node:net";
import { choice, duration, type Flags, integer, list, optional, size, text, toggle } from "./flags.ts";

const HOST_NAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const REGISTRY_URL =
  /^https?:\/\/[a-zA-Z0-9.-]+(:\d{1,5})?(\/[\w.~/-]*)?$|^https?:\/\/\[[0-9a-fA-F:.]+\](:\d{1,5})?(\/[\w.~/-]*)?$/;
/** With a path, and without anything that a request of ours could not be appended to. */
const MODEL_URL = /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/;
const TOKEN_URL = /^https?:\/\/[^\s?#@]+$/;
const SMTP_URL = /^smtps?:\/\/\S+$/;
const BASE_URL = /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/;

/** Every flag of `hamlet serve`: parsing, `--help` and the README's table are all made from this. */
export const SERVE_FLAGS = {
  port: integer(3000, 0, 65_535, { help: "Port to listen on; 0 takes a free one." }),
  apiPort: optional(
    integer(3001, 0, 65_535, {
      help: "A second port, at which the API is found too, at the root of the domain: `vt` with `VT_LOCAL=1` asks at 3001.",
    }),
    "none",
  ),
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
  dnsServer: optional(
    text("", "the address of a name server, such as 192.0.2.53 or 127.0.0.1:5353", /^[0-9a-fA-F.:[\]]+$/, {
      help: "Name server that is asked whether a domain is its owner's.",
    }),
    "the system's",
  ),
  publicUrl: optional(
    text("", "a scheme, host and port, such as https://hamlet.example", BASE_URL, {
      help: "The app's address as visitors see it, when a proxy stands in front. Its scheme and port go for the endpoints too.",
    }),
    "from the domain and the port",
  ),
  moduleOrigin: text("https://esm.town", "a scheme and host, such as https://esm.town", BASE_URL, {
    help: "With this begins what a val's modules call themselves (`import.meta.url`), and what others import them by. Vals that ask there find this town.",
  }),
  foreignVals: toggle({
    help: "Vals may import vals of users who are not of this town from the module origin's own server.",
  }),
  signUp: choice(["invite", "open", "closed"], "invite", {
    help: "Who may make an account: whoever has an invitation of the operator's, anyone, or nobody. The operator can make accounts at any time with `hamlet user add`.",
  }),
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
  runTimeout: duration("5m", { help: "Time that one run may take, by hand, by the clock or for a mail." }),
  backgroundTimeout: duration("5m", {
    help: "Time that a worker is kept after its last call for work that was given to `waitUntil`.",
  }),
  maxRuns: optional(
    integer(0, 1, 1000, {
      help: "Runs at once that the clock or mails started, over all vals; what else is due waits. Three of one val, and the last quarter for accounts of which nothing runs. Never more than half of `--max-workers`, which runs by hand count against as well.",
    }),
    "four for each processor, at most half of the workers",
  ),
  minPeriod: duration("1m", {
    help: "Shortest time between two runs of one schedule; accounts can have one of their own (`minPeriodSeconds`).",
  }),
  headerTimeout: duration("10s", { help: "Time that a visitor may take to send the head of a request." }),
  idleTimeout: duration("75s", { help: "Time that a connection is kept open between requests." }),
  maxBody: size("100MB", "1KB", { help: "Largest request body." }),
  maxConnections: integer(8_000, 1, 1_000_000, { help: "Connections of visitors at once." }),
  maxInFlight: integer(8_000, 1, 1_000_000, { help: "Requests in flight at once, over all vals." }),
  maxInFlightPerVal: integer(6_000, 1, 1_000_000, { help: "Requests in flight at once in one val." }),
  apiRate: integer(6000, 0, 1_000_000, {
    help: "API requests a minute for each token, and for each address without one; as many may come at once. 0 for no limit.",
  }),
  trustedProxy: list("an address range such as 10.0.0.0/8", toRange, {
    help: "Proxies whose `x-forwarded-*` headers are believed.",
  }),
  egressAllow: list("an address range with an optional port, such as 10.1.2.3:5432 or 10.0.0.0/8", toEgress, {
    help: "Private addresses that vals may reach all the same.",
  }),
  egressDeny: list("an address range such as 203.0.113.0/24", toRange, {
    help: "Public addresses that vals may not reach.",
  }),
  registry: optional(
    text("", "an address such as https://npm.example/", REGISTRY_URL, {
      help: "The npm registry that packages come from; `npm_config_registry` is respected too. Vals cannot reach it, builds can, even at a private address.",
    }),
    "npm's own",
  ),
  jsrUrl: optional(
    text("", "an address such as https://jsr.example/", REGISTRY_URL, {
      help: "The JSR registry that `jsr:` imports come from; `JSR_URL` is respected too.",
    }),
    "JSR's own",
  ),
  caFile: optional(
    text("", "a file of certificates in PEM form", /./, {
      help: "Certificates of your own authorities, which builds and vals trust beside the known ones.",
    }),
    "none",
  ),
  blobQuota: size("10GB", "1KB", {
    help: "Bytes that a user may keep in all blobs, those of the vals included.",
  }),
  blobS3Endpoint: optional(
    text("", "an address such as https://s3.example.org, without the bucket", BASE_URL, {
      help: "S3 server that keeps the bytes of blobs; it needs the bucket and the two keys too.",
    }),
    "blobs lie in the data folder",
  ),
  blobS3Bucket: optional(
    text("", "the name of a bucket", /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { help: "Bucket of the blobs." }),
    "",
  ),
  blobS3Region: text("us-east-1", "the name of a region", /^[a-z0-9-]+$/, { help: "Region of the bucket." }),
  blobS3AccessKeyId: optional(
    text("", "a key id", /^[\x21-\x7e]+$/, { help: "Who may use the bucket." }),
    "",
  ),
  blobS3SecretAccessKey: optional(
    text("", "a secret key", /^[\x21-\x7e]+$/, {
      help: "The secret that belongs to it. As a variable it is not seen in the list of processes.",
    }),
    "",
  ),
  sqliteWorkers: integer(2, 1, 64, {
    help: "Database processes; each database is in one of them at a time.",
  }),
  sqliteTimeLimit: duration("10s", {
    help: "Time that one request to a database may run; beyond it, its process is ended.",
  }),
  sqliteQuota: size("1GB", "1MB", { help: "The largest that one database may become." }),
  sqliteUrl: optional(
    text("", "an address such as http://127.0.0.1:8080", BASE_URL, {
      help: "An sqld with `--enable-namespaces` that keeps the databases; it needs the address of its admin API too.",
    }),
    "databases lie in the data folder",
  ),
  sqliteAdminUrl: optional(
    text("", "an address such as http://127.0.0.1:8081", BASE_URL, {
      help: "Its `--admin-listen-addr`, where namespaces are made and removed.",
    }),
    "",
  ),
  runsPerSecond: integer(2000, 0, 1_000_000, {
    help: "Traces recorded a second; under more load than that, the rest is counted only.",
  }),
  logRetention: duration("7d", { help: "Age at which traces and logs are dropped." }),
  logSize: size("512MB", "1MB", { help: "Size of traces and logs at which the oldest are dropped." }),
  openaiUrl: optional(
    text(
      "",
      "the base URL of a server that speaks OpenAI's protocol, such as https://models.example/v1",
      MODEL_URL,
      {
        help: "Model server behind `std/openai`, any that speaks OpenAI's protocol.",
      },
    ),
    "the demo val `demoModel`",
  ),
  openaiKey: optional(
    text("", "a key", /^[\x21-\x7e]+$/, {
      help: "Key for the model server; no val sees it. Better as a variable than as a flag, which other processes can read.",
      secret: true,
    }),
    "",
  ),
  openaiModels: list("the name of a model", (model) => model, {
    help: "Models that vals may use.",
    shown: "all that the model server has",
  }),
  openaiRate: integer(10, 0, 1_000_000, {
    help: "Calls of the model server a minute for each user; 0 for no limit.",
  }),
  openaiTimeout: duration("60s", { help: "Time that the model server may take to begin its answer." }),
  smtpUrl: optional(
    text("", "the URL of a mail relay, such as smtps://user:password@mail.example:465", SMTP_URL, {
      help: "Mail relay that `std/email` sends through; without one, mails are kept and shown. Better as a variable than as a flag, which other processes can read.",
      secret: true,
    }),
    "",
  ),
  mailDomain: optional(
    text("", "a lower-case host name", HOST_NAME, {
      help: "What stands behind the @ of mails from vals, and to them.",
    }),
    "the domain",
  ),
  smtpPort: optional(
    integer(25, 0, 65_535, {
      help: "Port at which mail for vals comes in, by SMTP; the internet delivers at 25. 0 takes a free one.",
    }),
    "none: no mail comes in",
  ),
  smtpHost: optional(
    text("", "an IP address or host name of this machine", /^[0-9a-zA-Z.:-]+$/, {
      help: "Address at which mail comes in.",
    }),
    "`--host`",
  ),
  smtpCert: optional(
    text("", "a file of certificates in PEM form", /./, {
      help: "Certificate for STARTTLS, its chain behind it; read anew when it changes. It needs `--smtp-key` too.",
    }),
    "none: mail comes in unencrypted",
  ),
  smtpKey: optional(
    text("", "a file with a private key in PEM form", /./, { help: "The key that belongs to it." }),
    "",
  ),
  mailSize: size("30MB", "1KB", { help: "Largest mail that is taken; vals read no larger one." }, "30MB"),
  mailQuota: size("500MB", "1MB", {
    help: "Mails that wait for the vals of one account; beyond it, their senders are told to try later.",
  }),
  mailSpool: size("5GB", "1MB", {
    help: "Mails that wait for vals, of all accounts; beyond it, senders are told to try later.",
  }),
  mailRate: integer(60, 0, 1_000_000, {
    help: "Mails a minute that one sender may send, and that one address gets; 0 for no limit.",
  }),
  emailOnlySelf: toggle({ help: "Vals may mail nobody but their own owner." }),
  importSize: size("20GB", "1MB", { help: "Largest archive of vals that can be imported." }),
  googleTokenUrl: text("https://oauth2.googleapis.com/token", "the URL of a token endpoint", TOKEN_URL, {
    help: "Where access tokens of connected Google accounts are renewed.",
  }),
  googleClientId: optional(
    text("", "a client id", /^[\x21-\x7e]+$/, { help: "As which client they are renewed." }),
    "none",
  ),
  googleClientSecret: optional(
    text("", "a secret", /^[\x21-\x7e]+$/, {
      help: "The secret that belongs to it. As a variable it is not seen in the list of processes.",
      secret: true,
    }),
    "",
  ),
  slackTokenUrl: text("https://slack.com/api/oauth.v2.access", "the URL of a token endpoint", TOKEN_URL, {
    help: "Where access tokens of connected Slack workspaces are renewed.",
  }),
  slackClientId: optional(
    text("", "a client id", /^[\x21-\x7e]+$/, { help: "As which client they are renewed." }),
    "none",
  ),
  slackClientSecret: optional(
    text("", "a secret", /^[\x21-\x7e]+$/, {
      help: "The secret that belongs to it. As a variable it is not seen in the list of processes.",
      secret: true,
    }),
    "",
  ),
  grace: duration("10s", { help: "Time that open requests get to end after SIGTERM." }),
  json: toggle({
    help: "Write machine-readable lines; the first one on stdout says that the server is ready.",
  }),
} satisfies Flags;

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
