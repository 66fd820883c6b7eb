import { HamletError } from "../errors.ts";
import * as headers from "../wire/headers.ts";
import { isCleanHead, isToken, listMembers, parseContentLength, passFields, type Verdict } from "./fields.ts";

/** A visitor's request head, checked, with its fields ready to be forwarded. */
export interface RequestHead {
  readonly method: string;
  /** Origin-form, byte for byte as it was received. */
  readonly target: string;
  readonly minor: 0 | 1;
  readonly host: string;
  /** Whether the visitor wants the connection kept. */
  readonly keepAlive: boolean;
  /** Declared body bytes; 0 when there is no body. */
  readonly contentLength: number;
  readonly chunked: boolean;
  readonly expectContinue: boolean;
  readonly websocket: boolean;
  readonly accept: string;
  /** CORS preflight: the headers it asks for; undefined when this is none. */
  readonly preflight: string | undefined;
  /**
   * The field lines that are the visitor's own, as received, each ended by CRLF; hop-by-hop ones and the framing of
   * a body are left out.
   */
  readonly fields: string;
  /** The visitor's `x-forwarded-*`, to be believed only from a trusted proxy. */
  readonly forwardedFor: string;
  readonly forwardedProto: string;
  readonly forwardedHost: string;
  /** Through how many vals it came, to be believed only on the short way. */
  readonly hops: number;
  /** The field lines as received, for the trace. */
  readonly raw: string;
}

/** Methods that may be asked again (RFC 9110 §9.2.2). */
export const IDEMPOTENT = /^(?:GET|HEAD|OPTIONS|PUT|DELETE)$/;
const MAX_FIELDS = 256;
const MAX_OPTIONS = 64;
const START = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}) (\/[^ \t#]*) HTTP\/1\.([01])$/;
/** With a port up to 65535: `new URL(request.url)` in the val would throw for any other. */
const HOST =
  /^(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?:[0-9]{1,4}|[1-5][0-9]{4}|6(?:[0-4][0-9]{3}|5(?:[0-4][0-9]{2}|5(?:[0-2][0-9]|3[0-5])))))?$/;

/**
 * Parse the bytes before the blank line, as latin1 (RFC 9112 §3).
 * @throws HamletError `bad_request`, `headers_too_large`
 */
export function parseRequestHead(head: string): RequestHead {
  if (!isCleanHead(head)) throw bad("The head has a control character or a line end that is not CRLF.");
  const firstEnd = head.indexOf("\r\n");
  const start = START.exec(firstEnd < 0 ? head : head.slice(0, firstEnd));
  if (start === null) throw bad("The request line is not `METHOD /path HTTP/1.1`.");
  const offset = firstEnd < 0 ? head.length : firstEnd + 2;
  const minor = start[3] === "1" ? 1 : 0;
  const reader = new FieldReader(minor);
  const fields = passFields(head, offset, (name, value) => reader.judge(name, value));
  if (fields === undefined) throw reader.failure ?? bad("A header line is not `name: value`.");
  return reader.head(start[1]!, start[2]!, fields, head.slice(offset));
}

const ABSOLUTE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}) (https?):\/\/[^\s/?#@]{1,300}(?=\/)/;

/**
 * The same for a head whose target may be in absolute form (RFC 9112 §3.2.2), as clients write it that speak to a proxy:
 * the scheme is taken from it, the host from `Host`.
 * @throws HamletError `bad_request`, `headers_too_large`
 */
export function parseProxiedHead(head: string): RequestHead {
  const [absolute = "", method, scheme] = ABSOLUTE.exec(head) ?? [];
  if (scheme === undefined) return parseRequestHead(head);
  const parsed = parseRequestHead(`${method} ${head.slice(absolute.length)}`);
  return scheme === "https" ? { ...parsed, forwardedProto: scheme } : parsed;
}

class FieldReader {
  failure: HamletError | undefined;
  readonly #minor: 0 | 1;
  #count = 0;
  #host: string | undefined;
  #length = -1;
  #transfer: string | undefined;
  #connection = "";
  #upgrade = "";
  #expect = "";
  #accept = "";
  #origin = false;
  #requestMethod = false;
  #requestHeaders = "";
  #forwardedFor = "";
  #forwardedProto = "";
  #forwardedHost = "";
  #hops = 0;

  constructor(minor: 0 | 1) {
    this.#minor = minor;
  }

  judge(name: string, value: string): Verdict {
    if (++this.#count > MAX_FIELDS)
      return this.#fail(new HamletError("headers_too_large", `More than ${MAX_FIELDS} headers.`));
    switch (name) {
      case "host":
        if (this.#host !== undefined || !HOST.test(value))
          return this.#fail(bad("There must be one valid Host header."));
        this.#host = value;
        break;
      case "content-length":
        if (this.#length >= 0) return this.#fail(bad("There is more than one Content-Length."));
        this.#length = parseContentLength(value);
        if (this.#length < 0) return this.#fail(bad("Content-Length is not a number of bytes."));
        return "drop";
      case "transfer-encoding":
        if (this.#transfer !== undefined) return this.#fail(bad("There is more than one Transfer-Encoding."));
        this.#transfer = value.toLowerCase();
        return "drop";
      case "connection":
        this.#connection += `,${value}`;
        return "drop";
      case "upgrade":
        this.#upgrade = value.toLowerCase();
        return "drop";
      case "expect":
        this.#expect = value.toLowerCase();
        return "drop";
      case "keep-alive":
      case "proxy-connection":
      case "te":
      case "trailer":
        return "drop";
      case "x-forwarded-for":
        this.#forwardedFor += this.#forwardedFor === "" ? value : `, ${value}`;
        return "drop";
      case "x-forwarded-proto":
        this.#forwardedProto = value;
        return "drop";
      case "x-forwarded-host":
        this.#forwardedHost = value;
        return "drop";
      case headers.HOPS:
        this.#hops = Math.max(0, parseContentLength(value));
        return "drop";
      case "accept":
        this.#accept = value;
        break;
      case "origin":
        this.#origin = true;
        break;
      case "access-control-request-method":
        this.#requestMethod = true;
        break;
      case "access-control-request-headers":
        this.#requestHeaders = value;
        break;
      default:
        // Ours to say, never the visitor's: a forged trace id would let one request write into another's logs.
        if (name.startsWith("x-hamlet-")) return "drop";
    }
    return "keep";
  }

  head(method: string, target: string, fields: string, raw: string): RequestHead {
    if (this.#host === undefined) throw bad("There must be one valid Host header.");
    const chunked = this.#checkFraming();
    if (this.#expect !== "" && this.#expect !== "100-continue")
      throw bad("Only `Expect: 100-continue` is known.");
    const options = this.#connection === "" ? [] : listMembers(this.#connection);
    if (options.length > MAX_OPTIONS)
      throw new HamletError("headers_too_large", `More than ${MAX_OPTIONS} names in Connection.`);
    const upgrades = options.includes("upgrade") && this.#upgrade !== "";
    return {
      method,
      target,
      minor: this.#minor,
      host: this.#host,
      keepAlive: this.#minor === 1 ? !options.includes("close") : options.includes("keep-alive"),
      contentLength: Math.max(0, this.#length),
      chunked,
      expectContinue: this.#expect !== "" && this.#minor === 1,
      websocket: upgrades && this.#upgrade === "websocket" && method === "GET" && this.#minor === 1,
      accept: this.#accept,
      preflight:
        method === "OPTIONS" && this.#origin && this.#requestMethod ? this.#requestHeaders : undefined,
      fields: `${withoutNamed(fields, options)}${this.#length === 0 ? "content-length: 0\r\n" : ""}`,
      forwardedFor: this.#forwardedFor,
      forwardedProto: this.#forwardedProto,
      forwardedHost: this.#forwardedHost,
      hops: this.#hops,
      raw,
    };
  }

  /** RFC 9112 §6.1–6.3: a message framed in two ways, or in one that we cannot read, is an attack or a mistake. */
  #checkFraming(): boolean {
    if (this.#transfer === undefined) return false;
    if (this.#length >= 0) throw bad("Content-Length and Transfer-Encoding exclude each other.");
    if (this.#transfer !== "chunked" || this.#minor === 0)
      throw bad("The only known Transfer-Encoding is chunked, in HTTP/1.1.");
    return true;
  }

  #fail(error: HamletError): Verdict {
    this.failure = error;
    return "refuse";
  }
}

/** Options of a connection that name no field of this hop, and the one field that every request must keep. */
const STAYS = new Set(["close", "keep-alive", "upgrade", "host"]);

/** RFC 9110 §7.6.1: fields that Connection names are for this hop only. */
function withoutNamed(fields: string, options: readonly string[]): string {
  const named = new Set(options.filter((name) => !STAYS.has(name) && isToken(name)));
  if (named.size === 0) return fields;
  const lines = fields
    .split("\r\n")
    .filter((line) => !named.has(line.slice(0, line.indexOf(":")).toLowerCase()));
  return lines.join("\r\n");
}

function bad(detail: string): HamletError {
  return new HamletError("bad_request", detail);
}
