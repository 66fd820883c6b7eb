/** What a mail starts: it is taken apart in here, among the val's own walls, before anything of the val runs. */

import type { Background } from "./background.ts";
import type { Handler } from "./load.ts";
import { type Email, type Read, readEmail } from "./mail.ts";
import type { Library } from "./mail-parts.ts";
import type { Reporter } from "./report.ts";
import { startOnce } from "./start.ts";
import { currentTrace } from "./trace.ts";

/** What a mail may have, with what was added on its way: a little more than any that is taken in. */
const MAX_BYTES = 32 * 2 ** 20;
/** Not a literal, or Deno would read it at every start of a worker; the import map leads there from the guest alone. */
const LIBRARY = "postal-mime";

/** Until it is taken apart, and no longer: what comes of it is as large again. */
interface Held {
  mail: ArrayBuffer | undefined;
}

/** The body is the raw mail; what the handler returns is nobody's business. */
export function emailHandler(
  handler: (email: Email) => unknown,
  report: Reporter,
  background: Background,
): Handler {
  const open = async (held: Held) => {
    const { email, problem } = await takeApart(held);
    if (problem !== undefined)
      report.log("warn", `The mail is attached as message.eml, because ${problem}.`, currentTrace());
    await handler(email);
  };
  return startOnce(readMail, open, { report, background });
}

async function readMail({ body }: Request): Promise<Held> {
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
  return { mail: whole.buffer };
}

async function takeApart(held: Held): Promise<Read> {
  const library: Library = await import(LIBRARY);
  const reading = readEmail(held.mail ?? new ArrayBuffer(0), library);
  held.mail = undefined;
  return await reading;
}
