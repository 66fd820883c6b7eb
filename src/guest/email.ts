/** Answers the one call of an email file: the mail is taken apart in here, among the val's own walls, and handed over. */

import type { Outcome } from "../wire/control.ts";
import { NativeResponse } from "./intrinsics.ts";
import type { Handler } from "./load.ts";
import { type Email, type Read, readEmail } from "./mail.ts";
import type { Library } from "./mail-parts.ts";
import type { Reporter } from "./report.ts";
import { toThrown } from "./script.ts";
import { currentTrace } from "./trace.ts";

/** What a mail may have, with what was added on its way: a little more than any that is taken in. */
const MAX_BYTES = 32 * 2 ** 20;
/** Not a literal, or Deno would read it at every start of a worker; the import map leads there from the guest alone. */
const LIBRARY = "postal-mime";

/** Gives the mail that is posted to `handler`; the call is answered once it is read, the outcome reported at the end. */
export function emailHandler(handler: (email: Email) => unknown, report: Reporter): Handler {
  return async (request) => {
    const trace = currentTrace();
    run(handler, await readMail(request), trace, report);
    return new NativeResponse(null, { status: 202 });
  };
}

/** A mail is held until it is taken apart, and no longer: what comes of it is as large again. */
interface Held {
  mail: ArrayBuffer | undefined;
  /** Why there is none, for the outcome to tell. */
  readonly error?: unknown;
}

async function run(
  handler: (email: Email) => unknown,
  held: Held,
  trace: string,
  report: Reporter,
): Promise<void> {
  let outcome: Outcome = { ok: true };
  try {
    const { email, problem } = await takeApart(held);
    if (problem !== undefined)
      report.log("warn", `The mail is attached as message.eml, because ${problem}.`, trace);
    await handler(email);
  } catch (error) {
    const thrown = toThrown(error);
    outcome = { ok: false, error: thrown };
    report.log("error", `Uncaught ${thrown.stack}`, trace);
  }
  report.ended(trace, outcome);
}

async function takeApart(held: Held): Promise<Read> {
  if (held.mail === undefined) throw held.error;
  const library: Library = await import(LIBRARY);
  const reading = readEmail(held.mail, library);
  held.mail = undefined;
  return await reading;
}

async function readMail({ body }: Request): Promise<Held> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body ?? []) {
      size += chunk.byteLength;
      if (size > MAX_BYTES)
        throw new RangeError(`A mail may have ${MAX_BYTES / 2 ** 20} MB; this one has more.`);
      chunks.push(chunk);
    }
  } catch (error) {
    return { mail: undefined, error };
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return { mail: whole.buffer };
}
