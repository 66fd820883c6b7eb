import { keepMail } from "./mails.ts";

const MAX_FILES = 20;

/** Called for each mail that comes; should it fail, it is called again later, with the same mail. */
export default async function receive(email: Email): Promise<void> {
  const files = [...email.attachments];
  if (email.text === undefined && email.html !== undefined)
    files.unshift(new File([email.html], "mail.html", { type: "text/html" }));
  await keepMail(await idOf(email), {
    sender: email.from || "nobody",
    subject: email.subject ?? "",
    text: email.text ?? "",
    files: files.slice(0, MAX_FILES),
  });
  console.log(`${email.from}: ${email.subject ?? "no subject"}, ${email.attachments.length} files`);
}

/** The same for the same mail, so that one that is handed over twice is kept once. */
async function idOf({ headers }: Email): Promise<string> {
  const name = headers["x-hamlet-mail-id"] ?? headers["message-id"] ?? crypto.randomUUID();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name))).toHex();
}
