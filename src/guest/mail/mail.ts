/** Takes a mail apart into what the handler of an email file is given. */

import {
  type Attachment,
  type Header,
  headOf,
  type Library,
  type Mailbox,
  type Parts,
  partsOf,
} from "./parts.ts";

export type { Library };

/** An email, and why not all of its mail could be taken apart, if so. */
export interface Read {
  readonly email: Email;
  readonly problem: string | undefined;
}

const MAX_NAME = 200;

/**
 * Read a raw mail. Whatever cannot be taken apart is not lost: the handler then finds the whole mail among the
 * attachments, as `message.eml`.
 */
export async function readEmail(raw: ArrayBuffer, library: Library): Promise<Read> {
  const whole = await partsOf(raw, library).catch(reasonOf);
  if (typeof whole !== "string") return { email: toEmail(whole, library), problem: undefined };
  const { headers } = await partsOf(headOf(raw), library);
  const attachments = [{ filename: "message.eml", mimeType: "message/rfc822", content: raw }];
  return { email: toEmail({ headers, texts: [], htmls: [], attachments }, library), problem: whole };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : "the parser failed";
}

function toEmail({ headers, texts, htmls, attachments }: Parts, library: Library): Email {
  const values = (key: string) => headers.filter((one) => one.key === key).map((one) => one.value);
  const mailboxes = (...keys: string[]) => {
    const found = keys.map((key) =>
      values(key)
        .flatMap((value) => library.addressParser(value, { flatten: true }))
        .filter(({ address }) => address),
    );
    return found.find((list) => list.length > 0) ?? [];
  };
  const addresses = (...keys: string[]) => mailboxes(...keys).map(({ address }) => address);
  const [sender] = mailboxes("from", "sender", "return-path");
  const [subject] = values("subject");
  return {
    from: sender ? shown(sender) : "",
    to: addresses("to", "delivered-to"),
    cc: orNothing(addresses("cc")),
    bcc: orNothing(addresses("bcc")),
    subject: subject ? plain(library.decodeWords(subject)) : undefined,
    text: joined(texts),
    html: joined(htmls),
    attachments: attachments.map(toFile),
    headers: toRecord(headers, library),
  };
}

/** `Name <address>`; the name has no brackets of its own, so that what is in brackets is the address. */
function shown({ name, address }: Mailbox): string {
  const safe = plain(name).replace(/[<>]/g, "").trim();
  return safe ? `${safe} <${address}>` : address;
}

function orNothing(list: string[]): string[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** Of those that say something, if there are any; lines end in the one way that programs know. */
function joined(texts: readonly string[]): string | undefined {
  const lines = texts.filter((text) => text !== "").map((text) => text.replaceAll("\r\n", "\n"));
  return lines.length > 0 ? lines.join("\n") : undefined;
}

/** In one line, whatever its encoded words held: it may be put into another mail's header. */
function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").trim();
}

function toFile({ filename, mimeType, content }: Attachment, index: number): File {
  return new File([content], fileName(filename) || defaultName(mimeType, index), { type: mimeType });
}

/** The last part of a path only, without what turns the direction of writing: the sender chose it. */
function fileName(name: string | null): string {
  const last =
    plain(name ?? "")
      .split(/[/\\]/)
      .at(-1) ?? "";
  const safe = last.replace(/[\u202a-\u202e\u2066-\u2069]/g, "").trim();
  return /^\.*$/.test(safe) ? "" : shortened(safe);
}

function shortened(name: string): string {
  if (name.length <= MAX_NAME) return name;
  const ending = /\.\w{1,10}$/.exec(name)?.[0] ?? "";
  return name.slice(0, MAX_NAME - ending.length) + ending;
}

const ENDINGS: Readonly<Record<string, string>> = {
  "message/rfc822": ".eml",
  "text/calendar": ".ics",
  "text/plain": ".txt",
  "text/html": ".html",
  "text/csv": ".csv",
  "image/png": ".png",
  "image/jpeg": ".jpg",
  "image/gif": ".gif",
  "application/pdf": ".pdf",
};

function defaultName(type: string, index: number): string {
  const ending = Object.hasOwn(ENDINGS, type) ? ENDINGS[type] : "";
  return `attachment-${index + 1}${ending}`;
}

/**
 * Names as the mail has them; in lower case they are found too, but not listed. Of several the first counts: what this
 * server adds stands above what came, and no sender can put anything there.
 */
function toRecord(headers: readonly Header[], library: Library): Record<string, string> {
  const record: Record<string, string> = {};
  const define = (name: string, value: string, enumerable: boolean) => {
    if (Object.hasOwn(record, name)) return;
    Object.defineProperty(record, name, { value, enumerable, writable: true, configurable: true });
  };
  const seen = new Set<string>();
  for (const { key, originalKey, value } of headers) {
    if (seen.has(key)) continue;
    seen.add(key);
    const text = plain(library.decodeWords(value));
    define(originalKey, text, true);
    define(key, text, false);
  }
  return record;
}
