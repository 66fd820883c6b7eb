import { HamletError } from "../errors.ts";
import * as headers from "../wire/headers.ts";
import { isCleanHead, listMembers, parseContentLength, passFields, type Verdict } from "./fields.ts";

/** How the end of a response body is known (RFC 9112 §6.3). */
export type Framing =
  | { kind: "none" }
  | { kind: "length"; bytes: number }
  | { kind: "chunked" }
  | { kind: "close" };

/** A worker's response head, checked; a worker is as untrusted as a visitor. */
export interface ResponseHead {
  readonly status: number;
  /** Status text as given, latin1. */
  readonly reason: string;
  readonly framing: Framing;
  /** The connection to the worker may serve another call. */
  readonly reusable: boolean;
  readonly websocket: boolean;
  /** `x-hamlet-error`: the guest says that the handler threw. */
  readonly error: string | undefined;
  /** The val speaks CORS for itself. */
  readonly cors: boolean;
  /** The field lines to pass on, as received, each ended by CRLF; hop-by-hop ones and ours left out. */
  readonly fields: string;
}

const MAX_FIELDS = 1024;
const START = /^HTTP\/1\.[01] ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/;

/**
 * Parse the bytes before the blank line, as latin1 (RFC 9112 §4).
 * @param method the request's, which decides whether a body follows (HEAD has none).
 * @param ours whether `x-hamlet-` headers may be passed on
 * @throws HamletError `bad_response`
 */
export function parseResponseHead(head: string, method: string, ours = false): ResponseHead {
  if (!isCleanHead(head)) throw bad("a head with a control character or a line end that is not CRLF");
  const firstEnd = head.indexOf("\r\n");
  const start = START.exec(firstEnd < 0 ? head : head.slice(0, firstEnd));
  if (start === null) throw bad("a first line that is not `HTTP/1.1 STATUS`");
  const reader = new FieldReader(ours);
  const offset = firstEnd < 0 ? head.length : firstEnd + 2;
  const fields = passFields(head, offset, (name, value) => reader.judge(name, value));
  if (fields === undefined) throw bad(reader.failure ?? "a header line that is not `name: value`");
  return reader.head(Number(start[1]), start[2] ?? "", method, fields);
}

class FieldReader {
  failure: string | undefined;
  readonly #ours: boolean;
  #count = 0;
  #length = -1;
  #transfer: string | undefined;
  #connection = "";
  #upgrade = "";
  #error: string | undefined;
  #cors = false;

  constructor(ours: boolean) {
    this.#ours = ours;
  }

  judge(name: string, value: string): Verdict {
    if (++this.#count > MAX_FIELDS) return this.#fail(`more than ${MAX_FIELDS} headers`);
    switch (name) {
      case "content-length":
        if (this.#length >= 0) return this.#fail("more than one content-length");
        this.#length = parseContentLength(value);
        if (this.#length < 0) return this.#fail("a content-length that is not a number");
        break;
      case "transfer-encoding":
        if (this.#transfer !== undefined) return this.#fail("more than one transfer-encoding");
        this.#transfer = value.toLowerCase();
        return "drop";
      case "connection":
        this.#connection += `,${value}`;
        return "drop";
      case "upgrade":
        this.#upgrade = value.toLowerCase();
        return "drop";
      case "keep-alive":
      case "proxy-connection":
      case "trailer":
        return "drop";
      case "access-control-allow-origin":
        this.#cors = true;
        // Val Town's rule: an empty one switches the defaults off and says nothing itself.
        if (value === "") return "drop";
        break;
      case headers.ERROR:
        this.#error = value;
        return "drop";
      default:
        if (!this.#ours && name.startsWith("x-hamlet-")) return "drop";
        if (name.startsWith("access-control-")) this.#cors = true;
    }
    return "keep";
  }

  head(status: number, reason: string, method: string, fields: string): ResponseHead {
    // RFC 9110 §15.3.6: a 205 has no content. Deno says so by no field at all, which reads as "until the end".
    const emptied = status === 205 && this.#transfer === undefined && this.#length < 0;
    if (emptied) this.#length = 0;
    const options = this.#connection === "" ? [] : listMembers(this.#connection);
    return {
      status,
      reason,
      framing: this.#framing(status, method),
      reusable: !options.includes("close"),
      websocket: status === 101 && this.#upgrade === "websocket",
      error: this.#error,
      cors: this.#cors,
      // RFC 9110 §8.6: what cannot have a body may not declare the length of one either.
      fields:
        status < 200 || status === 204
          ? withoutLength(fields)
          : emptied
            ? `${fields}content-length: 0\r\n`
            : fields,
    };
  }

  #framing(status: number, method: string): Framing {
    if (this.#transfer !== undefined && this.#length >= 0)
      throw bad("content-length beside transfer-encoding");
    if (this.#transfer !== undefined && this.#transfer !== "chunked")
      throw bad("an unknown transfer-encoding");
    if (method === "HEAD" || status < 200 || status === 204 || status === 304) return { kind: "none" };
    if (this.#transfer !== undefined) return { kind: "chunked" };
    if (this.#length >= 0) return { kind: "length", bytes: this.#length };
    return { kind: "close" };
  }

  #fail(reason: string): Verdict {
    this.failure = reason;
    return "refuse";
  }
}

function withoutLength(fields: string): string {
  return fields.replace(/^content-length:.*\r\n/im, "");
}

function bad(what: string): HamletError {
  return new HamletError("bad_response", `The val answered with ${what}.`);
}
