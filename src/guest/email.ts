/** Answers the one call of an email file: the mail is taken apart in here, among the val's own walls, and handed over. */

import type { Background } from "./background.ts";
import type { Handler } from "./load.ts";
import type * as Mail from "./mail/mail.ts";
import type { Reporter } from "./report.ts";
import { startOnce } from "./start.ts";
import { currentTrace } from "./trace.ts";

/** What a mail may have, with what was added on its way: a little more than any that is taken in. */
const MAX_BYTES = 32 * 2 ** 20;
/** Not literals, or Deno would read them at every start of a worker; the import map leads there from the guest alone. */
const MAIL = "hamlet-mail";
const LIBRARY = "postal-mime";

/** Reads and takes apart the mail that is posted before anything of the val runs, and gives it to `handler`. */
export function emailHandler(
  handler: (email: Email) => unknown,
  report: Reporter,
  background: Background,
): Handler {
  return startOnce((request) => toEmail(request, report), handler, { report, background });
}

async function toEmail(request: Request, report: Reporter): Promise<Email> {
  const trace = currentTrace();
  const [mail, library]: [typeof Mail, Mail.Library] = await Promise.all([import(MAIL), import(LIBRARY)]);
  const { email, problem } = await mail.readEmail(await readBody(request), library);
  if (problem !== undefined)
    report.log("warn", `The mail is attached as message.eml, because ${problem}.`, trace);
  return email;
}

async function readBody({ body }: Request): Promise<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES)
      throw new RangeError(`A mail may have ${MAX_BYTES / 2 ** 20} MB; this one has more.`);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole.buffer;
}
