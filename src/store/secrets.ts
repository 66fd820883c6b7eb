import { randomBytes } from "node:crypto";

/** A secret that is sent as part of a link: 43 characters of 256 random bits. */
export function makeLinkSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** What is stored of a secret, so that a copy of the database lets nobody in. */
export function hashSecret(secret: string): string {
  return new Bun.CryptoHasher("sha256").update(secret).digest("hex");
}
