/** What does the head of a mail say? Tolerant, for people's mails are; nothing behind the empty line is looked at. */

/** One line of a head, its continuations included. */
export interface Field {
  /** In lower case. */
  readonly name: string;
  /** Unfolded, without space around it. */
  readonly value: string;
  /** Where its name begins in the mail. */
  readonly at: number;
}

/** Of a head; a mail with more is not taken. */
export const MAX_HEAD = 256 * 1024;

const CR = 13;
const LF = 10;

/** @returns undefined when the head has no end within these bytes, though the mail goes on */
export function parseHead(bytes: Buffer, isWhole: boolean): readonly Field[] | undefined {
  const end = endOf(bytes);
  if (end === undefined && !isWhole) return undefined;
  const fields: Field[] = [];
  for (const [from, to] of fieldsOf(bytes.subarray(0, end ?? bytes.length))) {
    const text = bytes.toString("utf8", from, to);
    const colon = text.indexOf(":");
    const name = text.slice(0, Math.max(colon, 0)).trimEnd().toLowerCase();
    // What is no field is passed over: it hides nothing that a reader in the val would see.
    if (!/^[!-9;-~]+$/.test(name)) continue;
    const value = text
      .slice(colon + 1)
      .replace(/\r\n(?=[ \t])/g, "")
      .trim();
    fields.push({ name, value, at: from });
  }
  return fields;
}

/** The first field of this name. */
export function fieldOf(head: readonly Field[], name: string): string | undefined {
  return head.find((field) => field.name === name)?.value;
}

/** Behind the last field: the empty line itself. */
function endOf(bytes: Buffer): number | undefined {
  if (bytes[0] === CR && bytes[1] === LF) return 0;
  const at = bytes.indexOf("\r\n\r\n");
  return at < 0 ? undefined : at + 2;
}

/** Where each field begins and ends, without its last line break. */
function* fieldsOf(head: Buffer): Generator<readonly [number, number]> {
  let from = 0;
  for (let at = 0; at < head.length; ) {
    const found = head.indexOf("\r\n", at);
    const end = found < 0 ? head.length : found;
    const next = found < 0 ? head.length : found + 2;
    const goesOn = head[next] === 32 || head[next] === 9;
    if (!goesOn) {
      if (end > from) yield [from, end];
      from = next;
    }
    at = next;
  }
}
