import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
// @ts-expect-error it brings no types
import { simpleParser } from "mailparser";
import { startSandbox, type TestSandbox } from "./support/guest.ts";
import { type MailVal, startMailVal, type ToldEmail } from "./support/mail-val.ts";
import { ORDINARY } from "./support/mails.ts";

let town: TestSandbox;
let val: MailVal;
beforeAll(async () => {
  town = await startSandbox();
  val = await startMailVal(town);
});
afterAll(() => town[Symbol.asyncDispose]());

test.each(Object.entries(ORDINARY))(
  "of a mail with %s, a val sees what a second parser sees",
  async (_, make) => {
    const mail = await make();
    const { outcome, status, email, logs } = await val.deliver(new Uint8Array(mail));
    expect({ outcome, status, logs }).toEqual({ outcome: { ok: true }, status: 202, logs: [] });
    expect(comparable(email!)).toEqual(await secondOpinion(mail));
  },
);

/** As much of what mailparser finds as is compared. */
interface Mail {
  readonly from?: Addresses;
  readonly to?: Addresses | Addresses[];
  readonly cc?: Addresses;
  readonly bcc?: Addresses;
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string | false;
  readonly attachments: readonly { filename?: string; contentType: string; content: Buffer }[];
}
interface Addresses {
  readonly value: readonly { readonly name: string; readonly address?: string }[];
}

/** Without empty lines, which the parsers do not agree on, and without what only one of them tells. */
function comparable({ headers: _, ...email }: ToldEmail) {
  const { text, html, attachments } = email;
  return {
    ...email,
    ...{ text: trimmed(text), html: trimmed(html) },
    attachments: attachments.map(({ name, type, size, hash }) => ({ name, type, size, hash })),
  };
}

async function secondOpinion(raw: Buffer) {
  const mail: Mail = await simpleParser(raw, {
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipImageLinks: true,
  });
  const { from, to, cc, bcc, subject, text, html, attachments } = mail;
  const list = (all: typeof to) =>
    [all ?? []].flat().flatMap(({ value }) => value.map(({ address }) => address!));
  const [sender] = from!.value;
  return {
    from: sender!.name ? `${sender!.name} <${sender!.address}>` : sender!.address!,
    to: list(to),
    ...(cc && { cc: list(cc) }),
    ...(bcc && { bcc: list(bcc) }),
    subject,
    text: trimmed(text),
    html: trimmed(html || undefined),
    attachments: attachments.map(({ filename, contentType, content }, at) => ({
      name: filename ?? `attachment-${at + 1}`,
      type: contentType,
      size: content.length,
      hash: createHash("sha256").update(content).digest("hex"),
    })),
  };
}

function trimmed(text: string | undefined): string | undefined {
  return text?.trimEnd().replace(/\n+/g, "\n") || undefined;
}
