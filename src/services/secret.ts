/** The town's own key, with which it encrypts what a copy of the database must not tell. */

import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";
import { HamletError } from "../errors.ts";
import type { Cipher, Sample } from "../store/store.ts";
import { makeKeyFile, readKeyFile } from "./key-file.ts";

const FILE = "secret.key";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Says how a text was sealed, should that ever change. */
const FORM = "1.";
const RESTORE =
  "Restore it from the backup that the database is of; without it the variables of vals cannot be read.";

/**
 * Open the key of a data folder; the first start makes it.
 * @param sample something that was encrypted before, if anything was
 * @throws HamletError `config`: the key is gone though something was encrypted with it, or it is another one
 */
export function openSecret(folder: string, sample: Sample | undefined): Cipher {
  const path = join(folder, FILE);
  const key = readKeyFile(path) ?? makeKey(folder, path, sample);
  if (key.length !== KEY_BYTES) {
    throw new HamletError(
      "config",
      `${path} is damaged: it has ${key.length} bytes, not ${KEY_BYTES}. ${RESTORE}`,
    );
  }
  const cipher = createCipher(key);
  try {
    if (sample !== undefined) cipher.open(sample.sealed, sample.about);
  } catch (cause) {
    const detail = `${path} is not the key that this data was encrypted with. ${RESTORE}`;
    throw new HamletError("config", detail, { cause });
  }
  return cipher;
}

/**
 * A secret of its own for one purpose, from the key of a data folder, which the store's opening has made.
 * @throws HamletError `config`: the key cannot be read
 */
export function deriveSecret(folder: string, purpose: string): string {
  const path = join(folder, FILE);
  const key = readKeyFile(path);
  if (key === undefined) throw new HamletError("config", `${path} is missing. ${RESTORE}`);
  return createHmac("sha256", key).update(`hamlet ${purpose}`).digest("base64url");
}

/** AES-256-GCM, each text under a random nonce of its own, bound to what it is about. */
export function createCipher(key: Uint8Array): Cipher {
  return {
    seal(text, about) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(about, "utf8"));
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return FORM + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
    },
    open(sealed, about) {
      const bytes = Buffer.from(sealed.slice(FORM.length), "base64");
      if (!sealed.startsWith(FORM) || bytes.length < NONCE_BYTES + TAG_BYTES) {
        throw new Error("An encrypted value is damaged.");
      }
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(about, "utf8"));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString("utf8");
    },
  };
}

/** Whole or not at all, and on disk before anything is encrypted with it. */
function makeKey(folder: string, path: string, sample: Sample | undefined): Uint8Array {
  if (sample !== undefined) throw new HamletError("config", `${path} is missing. ${RESTORE}`);
  const key = randomBytes(KEY_BYTES);
  makeKeyFile(folder, FILE, key);
  return key;
}
