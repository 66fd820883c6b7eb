/** Could the ports be had that Hamlet listens at, and is the certificate for mail of any use? */

import { X509Certificate } from "node:crypto";
import type { Config } from "../config.ts";
import { toHamletError } from "../errors.ts";

/** `no`: Hamlet cannot start. `weak`: it starts, with less than it could have. */
export interface Finding {
  readonly state: "ok" | "weak" | "no";
  readonly what: string;
  /** What to do about it. */
  readonly advice?: string | undefined;
}

/** Something can be opened there: the only sure way to know is to open it. */
export function checkPort(hostname: string, number: number, flag = "--port"): Finding {
  try {
    Bun.listen({ hostname, port: number, socket: { data() {} } }).stop(true);
    return { state: "ok", what: `port ${number} on ${hostname} is free` };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (code === "EADDRINUSE") {
      const advice = `Stop what listens there (Hamlet itself?), or choose another with ${flag}.`;
      return { state: "no", what: `port ${number} on ${hostname} is in use`, advice };
    }
    const advice =
      code === "EACCES"
        ? `Ports below 1024 are root's: choose another with ${flag}, and forward this one to it.`
        : `Choose another with ${flag} and ${flag.replace("port", "host")}.`;
    return { state: "no", what: `port ${number} on ${hostname} cannot be opened (${code})`, advice };
  }
}

/** Nothing when no mail comes in. */
export async function checkMail(config: Config, now = Date.now()): Promise<Finding[]> {
  const { smtpPort: port, smtpCert: cert, smtpKey: key } = config;
  if (port === undefined) return [];
  const findings = [checkPort(config.smtpHost ?? config.host, port, "--smtp-port")];
  if (cert !== undefined && key !== undefined)
    return [...findings, await checkCertificate({ cert, key }, now)];
  const advice = "Give --smtp-cert and --smtp-key, so that mail can come in encrypted (STARTTLS).";
  return [...findings, { state: "weak", what: "mail comes in unencrypted", advice }];
}

const DAY = 86_400_000;
const SOON = 14 * DAY;

async function checkCertificate(files: { cert: string; key: string }, now: number): Promise<Finding> {
  // Only here: other commands start faster without it.
  const { readCertificate } = await import("../smtp/smtp.ts");
  try {
    const certificate = new X509Certificate(readCertificate(files).cert);
    const left = Date.parse(certificate.validTo) - now;
    const what = `certificate for mail: ${certificate.subject.split("\n").at(-1)}, until ${certificate.validTo}`;
    if (left > SOON) return { state: "ok", what };
    return {
      state: "weak",
      what,
      advice: left < 0 ? "It has run out: renew it." : "It runs out soon: renew it.",
    };
  } catch (error) {
    return { state: "no", what: toHamletError(error).message };
  }
}
