/** The keys of the OAuth server, made at its first use: with one it signs identity tokens, with the other its cookies. */

import { generateKeyPair, randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import type { JWK } from "oidc-provider";
import { HamletError } from "../errors.ts";
import { makeKeyFile, readKeyFile } from "../services/key-file.ts";

const FILE = "oauth.key";

export interface OAuthKeys {
  /** Private. */
  readonly signing: JWK;
  readonly cookie: string;
}

/** Reads them from the data folder, or makes them. Throws HamletError `config` when the file is damaged. */
export async function openKeys(folder: string): Promise<OAuthKeys> {
  const path = join(folder, FILE);
  const bytes = readKeyFile(path);
  if (bytes === undefined) return makeKeys(folder);
  try {
    const { signing, cookie } = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof cookie !== "string" || typeof signing?.kty !== "string") throw new Error("a key is missing");
    return { signing, cookie };
  } catch (cause) {
    const detail = `${path} is damaged. Restore it from a backup, or remove it: apps then have to be allowed anew.`;
    throw new HamletError("config", detail, { cause });
  }
}

async function makeKeys(folder: string): Promise<OAuthKeys> {
  // What every client can verify, and takes for granted unless told otherwise.
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const signing: JWK = { ...(privateKey.export({ format: "jwk" }) as JWK), use: "sig", alg: "RS256" };
  const keys = { signing, cookie: randomBytes(32).toString("base64url") };
  makeKeyFile(folder, FILE, Buffer.from(JSON.stringify(keys)));
  return keys;
}
