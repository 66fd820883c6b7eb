// A chat of what is mailed to this val, with pictures and files
import { emailAddress } from "https://esm.town/v/std/utils/index.ts";
import { openFile, readMails } from "./mails.ts";
import { toPage } from "./page.ts";

const SHOWN = 50;
/** Pictures that can hold no program. All else is saved, not shown: it must not run with this val's address. */
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

export default async function mailToChat(req: Request): Promise<Response> {
  const { pathname } = new URL(req.url);
  if (pathname === "/") {
    const [address, mails] = await Promise.all([emailAddress("email.ts"), readMails(SHOWN)]);
    return new Response(toPage(address, mails), {
      headers: {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'",
      },
    });
  }
  const [, id = "", number] = /^\/files\/([0-9a-f]{64})\/(\d{1,4})$/.exec(pathname) ?? [];
  const file = number === undefined ? undefined : await openFile(id, Number(number));
  if (!file) return new Response("There is no such file.\n", { status: 404 });
  const isPicture = PICTURES.includes(file.type);
  return new Response(file.body, {
    headers: {
      "content-type": isPicture ? file.type : "application/octet-stream",
      "content-disposition": `${isPicture ? "inline" : "attachment"}; filename*=UTF-8''${encodeName(file.name)}`,
      "content-security-policy": "default-src 'none'; sandbox",
      "x-content-type-options": "nosniff",
    },
  });
}

/** As RFC 8187 wants it, which is stricter than what encodeURIComponent leaves as it is. */
function encodeName(name: string): string {
  const toHex = (char: string) => `%${char.charCodeAt(0).toString(16)}`;
  return encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, toHex);
}
