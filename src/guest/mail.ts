/** Takes a mail apart into what the handler of an email file is given. */

/** The argument of an email file's handler; val authors know it as the global type `Email`. */
export interface Email {
  from: string;
  to: string[];
  cc: string | string[] | undefined;
  bcc: string | string[] | undefined;
  subject: string | undefined;
  text: string | undefined;
  html: string | undefined;
  attachments: File[];
  headers: Record<string, string>;
}

/** An email, and why not all of its mail could be taken apart, if so. */
export interface Read {
  readonly email: Email;
  readonly problem: string | undefined;
}

/** What is used of the package postal-mime, whose own types Deno does not find. */
export interface Library {
  readonly default: new (options: Readonly<Record<string, unknown>>) => Parser;
  readonly decodeWords: (text: string) => string;
  readonly addressParser: (text: string, options: { flatten: true }) => Mailbox[];
}
interface Parser {
  readonly root: Node;
  parse(raw: ArrayBuffer): Promise<Parsed>;
}
interface Node {
  readonly contentType: { readonly multipart: string | false };
  readonly childNodes: readonly Node[];
  readonly content: ArrayBuffer | null;
}
interface Mailbox {
  readonly name: string;
  readonly address: string;
}
interface Header {
  readonly key: string;
  readonly originalKey: string;
  readonly value: string;
}
interface Attachment {
  readonly filename: string | null;
  readonly mimeType: string;
  readonly content: ArrayBuffer;
}
interface Parsed {
  readonly headers: readonly Header[];
  readonly text?: string;
  readonly html?: string;
  readonly attachments: readonly Attachment[];
}

/** A part within parts within parts; the library refuses what is deeper. */
const MAX_DEPTH = 100;
/** Of all parts together. */
const MAX_HEADER_BYTES = 2 * 2 ** 20;
/** Each line is an object while the library reads it; with more of them the worker's memory would not do. */
const MAX_LINES = 1_500_000;
/** Of a mail that is too strange, so much of its head is read nevertheless. */
const MAX_HEAD = 256 * 1024;
const MAX_NAME = 200;
const LF = 10;
const CR = 13;

const OPTIONS = {
  // A forwarded mail is a file like any other; its text is not the text of this mail.
  forceRfc822Attachments: true,
  maxNestingDepth: MAX_DEPTH,
  maxHeadersSize: MAX_HEADER_BYTES,
};

/**
 * Read a raw mail. Whatever cannot be taken apart is not lost: the handler then finds the whole mail among the
 * attachments, as `message.eml`.
 */
export async function readEmail(raw: ArrayBuffer, library: Library): Promise<Read> {
  const whole = await tryParse(raw, library);
  if (typeof whole !== "string") return { email: toEmail(whole, library), problem: undefined };
  const head = await new library.default(OPTIONS).parse(headOf(raw));
  const attachments = [
    ...head.attachments,
    { filename: "message.eml", mimeType: "message/rfc822", content: raw },
  ];
  return { email: toEmail({ ...head, attachments }, library), problem: whole };
}

/** The mail, or why it cannot be taken apart. */
async function tryParse(raw: ArrayBuffer, library: Library): Promise<Parsed | string> {
  if (countLines(raw) > MAX_LINES) return `it has more than ${MAX_LINES} lines`;
  const parser = new library.default(OPTIONS);
  try {
    const parsed = await parser.parse(raw);
    return hasLost(parser.root) ? "the boundaries of its parts are missing" : parsed;
  } catch (error) {
    return error instanceof Error ? error.message : "the parser failed";
  }
}

/** The library takes nothing from parts whose boundary is not named, or never comes. */
function hasLost(node: Node): boolean {
  const { contentType, childNodes, content } = node;
  if (contentType.multipart && childNodes.length === 0 && content !== null && !isBlank(content)) return true;
  return childNodes.some(hasLost);
}

function isBlank(content: ArrayBuffer): boolean {
  return new Uint8Array(content).every((byte) => byte <= 32);
}

function countLines(raw: ArrayBuffer): number {
  const bytes = new Uint8Array(raw);
  let lines = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) lines++;
  return lines;
}

/** The lines up to the first empty one, and no more than a mail needs. */
function headOf(raw: ArrayBuffer): ArrayBuffer {
  const bytes = new Uint8Array(raw, 0, Math.min(raw.byteLength, MAX_HEAD));
  let end = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, end)) {
    const length = at - end;
    end = at + 1;
    if (length === 0 || (length === 1 && bytes[at - 1] === CR)) break;
  }
  return raw.slice(0, end);
}

function toEmail(parsed: Parsed, library: Library): Email {
  const { headers, text, html, attachments } = parsed;
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
    text: text === undefined ? undefined : withoutLastBreak(text),
    html: html === undefined ? undefined : withoutLastBreak(html),
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

/** The line break before a boundary is the boundary's. */
function withoutLastBreak(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
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
