/** Takes a mail apart with the package postal-mime, within bounds. */

import { type Decoder, decoderFor } from "./bytes.ts";

/** What is used of the package, whose own types Deno does not find, and whose version is pinned for what is internal. */
export interface Library {
  readonly default: new (options: Readonly<Record<string, unknown>>) => Parser;
  readonly decodeWords: (text: string) => string;
  readonly addressParser: (text: string, options: { flatten: true }) => Mailbox[];
}
interface Parser {
  readonly root: Node;
  /** Texts and HTML by the part that they belong to. */
  readonly textMap: ReadonlyMap<Node, Readonly<Partial<Record<"plain" | "html", { value: string }[]>>>>;
  renderTextContent(): void;
  parse(raw: ArrayBuffer): Promise<{ headers: readonly Header[]; attachments: readonly Attachment[] }>;
}
interface Node {
  readonly contentType: { readonly multipart: string | false };
  readonly childNodes: readonly Node[];
  readonly content: ArrayBuffer | null;
  contentDecoder: Decoder | null;
  setupContentDecoder(encoding: string): void;
}
/** One address of a head. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}
/** One line of a head. */
export interface Header {
  /** In lower case. */
  readonly key: string;
  readonly originalKey: string;
  readonly value: string;
}
/** A part that is no text to be shown. */
export interface Attachment {
  readonly filename: string | null;
  readonly mimeType: string;
  readonly content: ArrayBuffer;
}
/** What a mail consists of. */
export interface Parts {
  readonly headers: readonly Header[];
  readonly texts: readonly string[];
  readonly htmls: readonly string[];
  readonly attachments: readonly Attachment[];
}

/** A part within parts within parts. */
const MAX_DEPTH = 50;
const MAX_PARTS = 20_000;
/** Of all parts together. */
const MAX_HEADER_BYTES = 2 ** 20;
/** What the package does with a line takes longer than reading it. */
const MAX_LINES = 3_000_000;
/** Of a mail that is too strange, so much of its head is read nevertheless. */
const MAX_HEAD = 256 * 1024;
const LF = 10;
const CR = 13;

const OPTIONS = {
  // A forwarded mail is a file like any other; its text is not the text of this mail.
  forceRfc822Attachments: true,
  maxNestingDepth: MAX_DEPTH,
  maxHeadersSize: MAX_HEADER_BYTES,
};

/** The parts of a mail; rejects with a sentence when it cannot be taken apart as a whole. */
export async function partsOf(raw: ArrayBuffer, library: Library): Promise<Parts> {
  if (countLines(raw) > MAX_LINES) throw new RangeError(`it has more than ${MAX_LINES} lines`);
  const parser = new library.default(OPTIONS);
  let parts = 0;
  // Of all parts: they have a prototype in common.
  Object.getPrototypeOf(parser.root).setupContentDecoder = function (this: Node, encoding: string) {
    if (++parts > MAX_PARTS) throw new RangeError(`it has more than ${MAX_PARTS} parts`);
    this.contentDecoder = decoderFor(encoding);
  };
  // It would make text of HTML and HTML of text where one is missing, by patterns that can take for ever.
  parser.renderTextContent = () => {};
  const { headers, attachments } = await parser.parse(raw);
  if (hasLost(parser.root)) throw new TypeError("the boundary between its parts is missing");
  const kinds = [...parser.textMap.values()];
  return {
    headers,
    texts: kinds.flatMap(({ plain = [] }) => plain.map(({ value }) => value)),
    htmls: kinds.flatMap(({ html = [] }) => html.map(({ value }) => value)),
    attachments,
  };
}

/** The lines up to the first empty one, and no more than a mail needs. */
export function headOf(raw: ArrayBuffer): ArrayBuffer {
  const bytes = new Uint8Array(raw, 0, Math.min(raw.byteLength, MAX_HEAD));
  let end = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, end)) {
    const length = at - end;
    end = at + 1;
    if (length === 0 || (length === 1 && bytes[at - 1] === CR)) break;
  }
  return raw.slice(0, end);
}

/** The package takes nothing from parts whose boundary is not named, or never comes. */
function hasLost({ contentType, childNodes, content }: Node): boolean {
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
