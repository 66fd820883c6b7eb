import { createHmac, timingSafeEqual } from "node:crypto";
import type Keygrip from "keygrip";

/** Signs the server's cookies; the package that is meant for it uses what Node has given up. */
export function createSigner(key: string): Keygrip {
  const sign = (data: string) => createHmac("sha256", key).update(data).digest("base64url");
  const verify = (data: string, digest: string) => {
    const [given, wanted] = [Buffer.from(digest), Buffer.from(sign(data))];
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  };
  return { sign, verify, index: (data, digest) => (verify(data, digest) ? 0 : -1) };
}
