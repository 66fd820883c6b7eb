/** What the operator chose. The only file that reads the environment. */

import { availableParallelism, totalmem } from "node:os";
import { resolve } from "node:path";
import { HamletError } from "./errors.ts";
import { type Environment, type Flags, type Parsed, parseFlags, type Values } from "./flags.ts";
import { SERVE_FLAGS } from "./serve-flags.ts";

export { SERVE_FLAGS } from "./serve-flags.ts";

type Flagged = Values<typeof SERVE_FLAGS>;

/** A bucket for blobs. */
export interface BlobS3 {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The choices of one `hamlet serve`: sizes in bytes, times in milliseconds, `data` absolute. */
export interface Config
  extends Omit<Flagged, "webDomain" | "memoryBudget" | "mailDomain" | "maxRuns" | `blobS3${string}`> {
  /** Missing when blobs lie in the data folder. */
  readonly blobS3: BlobS3 | undefined;
  readonly webDomain: string;
  readonly mailDomain: string;
  readonly memoryBudget: number;
  readonly maxRuns: number;
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
  const { values, positionals } = parseFlags(command, SERVE_FLAGS, argv, withForeignNames(env));
  if (positionals.length > 0)
    throw new HamletError("config", `hamlet ${command} takes only flags, not "${positionals[0]}".`);
  return Object.freeze({
    ...values,
    data: resolve(values.data),
    webDomain: values.webDomain ?? `web.${values.domain}`,
    caFile: values.caFile === undefined ? undefined : resolve(values.caFile),
    mailDomain: values.mailDomain ?? values.domain,
    memoryBudget: values.memoryBudget ?? Math.floor(totalmem() / 2),
    // No more than the pool gives to runs.
    maxRuns: Math.min(values.maxRuns ?? 4 * availableParallelism(), Math.ceil(values.maxWorkers / 2)),
    blobS3: toBlobS3(values),
    ...needBoth(values),
    ...toCertificate(values),
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

/** Whether text on a terminal may have colours (https://no-color.org). */
export function wantsColours(env: Environment = process.env): boolean {
  return !env.NO_COLOR && env.TERM !== "dumb";
}

// ── Inner parts ─────────────────────────────────────────────────────────────────────────────────────────────

/** What npm and Deno call by other names; ours win. */
function withForeignNames(env: Environment): Environment {
  const registry = env.HAMLET_REGISTRY || env.npm_config_registry || env.NPM_CONFIG_REGISTRY;
  return { ...env, HAMLET_REGISTRY: registry, HAMLET_JSR_URL: env.HAMLET_JSR_URL || env.JSR_URL };
}

function toBlobS3(values: Flagged): BlobS3 | undefined {
  const {
    blobS3Endpoint: endpoint,
    blobS3Bucket: bucket,
    blobS3AccessKeyId: accessKeyId,
    blobS3SecretAccessKey: secretAccessKey,
  } = values;
  const needed = { endpoint, bucket, accessKeyId, secretAccessKey };
  if (Object.values(needed).every((value) => value === undefined)) return undefined;
  if (endpoint && bucket && accessKeyId && secretAccessKey)
    return { endpoint, bucket, accessKeyId, secretAccessKey, region: values.blobS3Region };
  throw new HamletError(
    "config",
    "Blobs in S3 need all of --blob-s3-endpoint, --blob-s3-bucket, --blob-s3-access-key-id and --blob-s3-secret-access-key.",
  );
}

/** An sqld is known by two addresses, or by none. */
function needBoth({ sqliteUrl, sqliteAdminUrl }: Flagged) {
  if ((sqliteUrl === undefined) === (sqliteAdminUrl === undefined)) return { sqliteUrl, sqliteAdminUrl };
  throw new HamletError("config", "Databases on an sqld need both of --sqlite-url and --sqlite-admin-url.");
}

/** A certificate is nothing without its key. */
function toCertificate({ smtpCert, smtpKey }: Flagged) {
  if (smtpCert === undefined && smtpKey === undefined) return {};
  if (smtpCert !== undefined && smtpKey !== undefined)
    return { smtpCert: resolve(smtpCert), smtpKey: resolve(smtpKey) };
  throw new HamletError("config", "Encrypted mail needs both of --smtp-cert and --smtp-key.");
}

function toUnsafePermissions(text: string | undefined): boolean {
  if (!text) return false;
  if (text === "allow-all") return true;
  throw new HamletError(
    "config",
    `HAMLET_UNSAFE_PERMISSIONS=${text} is not usable: only allow-all is, and only in a test.`,
  );
}
