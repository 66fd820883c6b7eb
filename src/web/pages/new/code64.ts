/** `/new?code64=`: code that somebody has put into a link. Nobody vouches for it: it is text until a person makes a val of it. */

import { MAX_CONTENT } from "../../../val/name.ts";
import type { NewFile } from "./templates.ts";

/** What is in the link, or why it cannot be read. */
export function readCode64(written: string): { code: string } | { problem: string } {
  // A plus sign in an address stands for a space, and some write base64 for addresses.
  const plain = written.replaceAll(" ", "+").replaceAll("-", "+").replaceAll("_", "/");
  try {
    const bytes = Uint8Array.from(atob(plain), (one) => one.charCodeAt(0));
    const code = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (code.length > MAX_CONTENT)
      return {
        problem: `The code in this link is longer than the ${MAX_CONTENT.toLocaleString("en")} characters of a file.`,
      };
    return { code };
  } catch {
    return { problem: "The code in this link cannot be read: it is no base64 of UTF-8 text." };
  }
}

const LOOKS_LIKE_HTTP = /\bResponse\b|\bRequest\b|\bapp\.fetch\b|\.fetch\b\s*;?\s*$/m;
const JSX_BEGINS = /(?:return|=>|[(=?:]|&&)\s*<[A-Za-z>]/;
const JSX_ENDS = /<\/[\w.]*>|\/>/;

/** The code as the file of a val. What starts it is a guess; the person can choose. */
export function fileOf(code: string, type = guessType(code)): NewFile {
  const extension = isJsx(code) ? "tsx" : "ts";
  const stem = { http: "main", script: "main", interval: "cron", email: "email", file: "main" }[type];
  return { path: `${stem}.${extension}`, type, content: code };
}

function guessType(code: string): NewFile["type"] {
  if (!/\bexport\b/.test(code)) return "script";
  if (/:\s*Interval\b/.test(code)) return "interval";
  if (/:\s*Email\b/.test(code)) return "email";
  return LOOKS_LIKE_HTTP.test(code) ? "http" : "script";
}

function isJsx(code: string): boolean {
  return code.includes("@jsxImportSource") || (JSX_BEGINS.test(code) && JSX_ENDS.test(code));
}
