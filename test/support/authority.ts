/** A certificate authority of the test's own, and a certificate of it for loopback. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Authority extends Disposable {
  /** Of the authority itself, as `--ca-file` takes it. */
  readonly caFile: string;
  /** For a server at `localhost` or `127.0.0.1`. */
  readonly tls: { readonly cert: string; readonly key: string };
}

const EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** Makes both; its folder is removed with the scope (`using`). */
export function makeAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), "authority-"));
  const path = (name: string) => join(folder, name);
  writeFileSync(path("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n");
  const ca = ["-keyout", path("ca.key"), "-out", path("ca.crt"), "-days", "30"];
  openssl("req", "-x509", ...EC, "-subj", "/CN=Hamlet test authority", ...ca);
  openssl("req", "-new", ...EC, "-subj", "/CN=localhost", "-keyout", path("key"), "-out", path("request"));
  const signer = ["-CA", path("ca.crt"), "-CAkey", path("ca.key"), "-CAcreateserial", "-days", "30"];
  openssl("x509", "-req", "-in", path("request"), ...signer, "-extfile", path("names"), "-out", path("crt"));
  return {
    caFile: path("ca.crt"),
    tls: { cert: readFileSync(path("crt"), "utf8"), key: readFileSync(path("key"), "utf8") },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

function openssl(...args: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(["openssl", ...args]);
  if (exitCode !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}
