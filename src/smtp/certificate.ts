/** The operator's certificate, as it is on the disk now: who renews it need not start the server anew. */

import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { HamletError } from "../errors.ts";
import type { Log } from "../log.ts";

/** Paths of files in PEM form. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** What is in them. */
export interface TlsTexts {
  readonly cert: string;
  readonly key: string;
}

export class Certificate {
  readonly #files: TlsFiles;
  readonly #log: Log | undefined;
  #seen: string;
  /** As it was at the start. */
  readonly texts: TlsTexts;

  /** Throws HamletError `config` with a sentence when the files are of no use. */
  constructor(files: TlsFiles, log?: Log) {
    this.#files = files;
    this.#log = log;
    this.texts = readCertificate(files);
    this.#seen = stampOf(files);
  }

  /** Texts that are new since the last look. Files that are of no use now change nothing, and are told to the operator. */
  renewed(): TlsTexts | undefined {
    const stamp = stampOf(this.#files);
    if (stamp === this.#seen) return undefined;
    this.#seen = stamp;
    try {
      const texts = readCertificate(this.#files);
      this.#log?.info("The certificate for mail was read anew.");
      return texts;
    } catch (error) {
      this.#log?.error("The new certificate for mail cannot be used; the old one stays.", { error });
      return undefined;
    }
  }
}

/** Throws HamletError `config` with a sentence when they are of no use, or do not belong together. */
export function readCertificate(files: TlsFiles): TlsTexts {
  try {
    const texts = { cert: readFileSync(files.cert, "utf8"), key: readFileSync(files.key, "utf8") };
    createSecureContext(texts);
    return texts;
  } catch (cause) {
    const detail = `--smtp-cert ${files.cert} and --smtp-key ${files.key} cannot be used: ${(cause as Error).message}. They must be a certificate and its key in PEM form.`;
    throw new HamletError("config", detail, { cause });
  }
}

/** Changes when one of the files does. */
function stampOf({ cert, key }: TlsFiles): string {
  const of = (path: string) => statSync(path, { throwIfNoEntry: false });
  return [of(cert), of(key)].map((stat) => `${stat?.ino} ${stat?.size} ${stat?.mtimeMs}`).join(" ");
}
