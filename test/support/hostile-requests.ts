/**
 * What an attacker writes to a connection: malformed requests, and pairs that two readers could split differently.
 * `/first` may be seen by a val at most once; `/secret` is the smuggled one and must never be.
 */

export interface HostileRequest {
  readonly title: string;
  readonly wire: string;
  /** The status that must answer it. */
  readonly status: 400 | 413 | 431;
  /** Its head is well-formed, so that the val may see it before its body turns out to be malformed. */
  readonly begins: boolean;
}

type Row = readonly [title: string, wire: string, status?: HostileRequest["status"]];

export function hostileRequests(host: string): HostileRequest[] {
  const HOST = `Host: ${host}\r\n`;
  const SECRET = `GET /secret HTTP/1.1\r\n${HOST}\r\n`;
  const size = SECRET.length.toString(16);
  const post = (...lines: string[]) =>
    ["POST /first HTTP/1.1", `Host: ${host}`, ...lines, "", ""].join("\r\n");
  const get = (...lines: string[]) => ["GET /first HTTP/1.1", ...lines, "", ""].join("\r\n");

  const heads: readonly Row[] = [
    ["CL and TE", `${post("Content-Length: 5", "Transfer-Encoding: chunked")}0\r\n\r\n${SECRET}`],
    [
      "TE and CL",
      `${post("Transfer-Encoding: chunked", `Content-Length: ${SECRET.length}`)}0\r\n\r\n${SECRET}`,
    ],
    ["two equal CL", post("Content-Length: 0", "Content-Length: 0") + SECRET],
    ["two different CL", post(`Content-Length: ${SECRET.length}`, "Content-Length: 0") + SECRET],
    ["a list of CL", post(`Content-Length: 0, ${SECRET.length}`) + SECRET],
    ["a list of equal CL", post("Content-Length: 0, 0") + SECRET],
    ["a negative CL", post("Content-Length: -1") + SECRET],
    ["a CL with a plus", post("Content-Length: +0") + SECRET],
    ["a hexadecimal CL", post("Content-Length: 0x0") + SECRET],
    ["an empty CL", post("Content-Length: ") + SECRET],
    ["a CL with a blank inside", post("Content-Length: 0 0") + SECRET],
    ["a CL with a vertical tab", post("Content-Length: \x0b0") + SECRET],
    ["a CL that overflows", post("Content-Length: 18446744073709551616") + SECRET],
    ["a CL beyond the limit", post("Content-Length: 999999999999999") + SECRET, 413],
    ["TE: chunked, identity", `${post("Transfer-Encoding: chunked, identity")}0\r\n\r\n${SECRET}`],
    ["TE: identity", post("Transfer-Encoding: identity") + SECRET],
    ["TE: xchunked", `${post("Transfer-Encoding: xchunked")}0\r\n\r\n${SECRET}`],
    ["TE: gzip, chunked", `${post("Transfer-Encoding: gzip, chunked")}0\r\n\r\n${SECRET}`],
    ["TE: chunked with a vertical tab", `${post("Transfer-Encoding:  chunked\x0b")}0\r\n\r\n${SECRET}`],
    ["TE: chunked behind a vertical tab", `${post("Transfer-Encoding: \x0bchunked")}0\r\n\r\n${SECRET}`],
    ["TE: chunked with a no-break space", `${post("Transfer-Encoding: chunked\xa0")}0\r\n\r\n${SECRET}`],
    ["TE: chunked in quotes", `${post('Transfer-Encoding: "chunked"')}0\r\n\r\n${SECRET}`],
    ["TE: chunked, chunked", `${post("Transfer-Encoding: chunked, chunked")}0\r\n\r\n${SECRET}`],
    ["TE twice", `${post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")}0\r\n\r\n${SECRET}`],
    [
      "TE: identity, then chunked",
      post("Transfer-Encoding: identity", "Transfer-Encoding: chunked") + SECRET,
    ],
    ["an empty TE", post("Transfer-Encoding:") + SECRET],
    ["TE in HTTP/1.0", `${post("Transfer-Encoding: chunked").replace("/1.1", "/1.0")}0\r\n\r\n${SECRET}`],
    ["a space before the colon of TE", `${post("Transfer-Encoding : chunked")}0\r\n\r\n${SECRET}`],
    ["a tab before the colon of CL", post("Content-Length\t: 0") + SECRET],
    ["a NUL in the name of TE", `${post("Transfer-Encoding\0: chunked")}0\r\n\r\n${SECRET}`],
    ["obs-fold of a value", post("X-A: b", " c") + SECRET],
    ["obs-fold that hides a TE", `${post("X-A: b", " Transfer-Encoding: chunked")}0\r\n\r\n${SECRET}`],
    ["obs-fold of the first header", `GET /first HTTP/1.1\r\n ${HOST}\r\n${SECRET}`],
    ["a bare LF that hides a header", `${post("X-A: b\nTransfer-Encoding: chunked")}0\r\n\r\n${SECRET}`],
    ["a bare CR that hides a header", `${post("X-A: b\rTransfer-Encoding: chunked")}0\r\n\r\n${SECRET}`],
    ["a bare LF after the start line", `GET /first HTTP/1.1\n${HOST}\r\n${SECRET}`],
    ["bare LF line ends", `GET /first HTTP/1.1\nHost: ${host}\n\n${SECRET}`],
    ["bare CR line ends", `GET /first HTTP/1.1\rHost: ${host}\r\r${SECRET}`],
    ["a LF before the start line", `\nGET /first HTTP/1.1\r\n${HOST}\r\n${SECRET}`],
    ["two CR before a LF", `GET /first HTTP/1.1\r\r\n${HOST}\r\n${SECRET}`],
    ["an empty line as bare LF", `GET /first HTTP/1.1\r\n${HOST}\n${SECRET}`],
    ["a header without a colon", post("X-A") + SECRET],
    ["a header without a name", post(": b") + SECRET],
    ["a NUL in a value", post("X-A: \0") + SECRET],
    ["a control character in a value", post("X-A: \x01") + SECRET],
    ["a DEL in a value", post("X-A: \x7f") + SECRET],
    ["a NUL in the path", `GET /fi\0rst HTTP/1.1\r\n${HOST}\r\n${SECRET}`],
    ["a space in the path", `GET /first /secret HTTP/1.1\r\n${HOST}\r\n${SECRET}`],
    ["a tab in the start line", `GET\t/first HTTP/1.1\r\n${HOST}\r\n${SECRET}`],
    ["two spaces in the start line", `GET  /first HTTP/1.1\r\n${HOST}\r\n${SECRET}`],
    ["a fragment in the path", `GET /first#a HTTP/1.1\r\n${HOST}\r\n${SECRET}`],
    ["no path", `GET HTTP/1.1\r\n${HOST}\r\n${SECRET}`],
    ["no version", `GET /first\r\n${HOST}\r\n${SECRET}`],
    ["an absolute target", `GET http://${host}/secret HTTP/1.1\r\n${HOST}\r\n${SECRET}`],
    ["an absolute target of another host", `GET http://other.example/ HTTP/1.1\r\n${HOST}\r\n${SECRET}`],
    ["a relative target", `GET secret HTTP/1.1\r\n${HOST}\r\n${SECRET}`],
    ["CONNECT", `CONNECT ${host}:80 HTTP/1.1\r\n${HOST}\r\n${SECRET}`],
    ["CONNECT elsewhere", `CONNECT 127.0.0.1:22 HTTP/1.1\r\n${HOST}\r\n${SECRET}`],
    ["OPTIONS *", `OPTIONS * HTTP/1.1\r\n${HOST}\r\n${SECRET}`],
    ["no Host", get() + SECRET],
    ["no Host in HTTP/1.0", get().replace("/1.1", "/1.0") + SECRET],
    ["an empty Host", get("Host:") + SECRET],
    ["two equal Hosts", get(`Host: ${host}`, `Host: ${host}`) + SECRET],
    ["two different Hosts", get(`Host: ${host}`, "Host: other.example") + SECRET],
    ["two Hosts with a comma", get(`Host: ${host}, other.example`) + SECRET],
    ["a Host with a path", get(`Host: ${host}/secret`) + SECRET],
    ["a Host with a user", get(`Host: other.example@${host}`) + SECRET],
    ["a Host with a space", get(`Host: ${host} other.example`) + SECRET],
    ["a Host beyond ASCII", get(`Host: \xe9${host}`) + SECRET],
    ["a Host with a bad port", get("Host: localhost:http") + SECRET],
    ["a Host with a port that is none", get("Host: localhost:65536") + SECRET],
    ["a lower-case version", `GET /first http/1.1\r\n${HOST}\r\n${SECRET}`],
    ["HTTP/1.2", `GET /first HTTP/1.2\r\n${HOST}\r\n${SECRET}`],
    ["HTTP/2.0", `GET /first HTTP/2.0\r\n${HOST}\r\n${SECRET}`],
    ["HTTP/0.9", `GET /first HTTP/0.9\r\n${HOST}\r\n${SECRET}`],
    ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"],
    ["a response", `HTTP/1.1 200 OK\r\n${HOST}\r\n${SECRET}`],
    ["a method with a bracket", `G[T /first HTTP/1.1\r\n${HOST}\r\n${SECRET}`],
    ["a method that is too long", `${"G".repeat(100)} /first HTTP/1.1\r\n${HOST}\r\n${SECRET}`],
    ["an unknown expectation", post("Expect: a-miracle", "Content-Length: 0") + SECRET],
    ["a start line without an end", `GET /${"a".repeat(100_000)}`, 431],
    ["a header without an end", `GET /first HTTP/1.1\r\n${HOST}X-A: ${"a".repeat(100_000)}`, 431],
    ["a giant start line", `GET /${"a".repeat(100_000)} HTTP/1.1\r\n${HOST}\r\n${SECRET}`, 431],
    ["a giant header", post(`X-A: ${"a".repeat(100_000)}`) + SECRET, 431],
    ["1,000 headers", post(...Array.from({ length: 1000 }, (_, i) => `X-${i}: y`)) + SECRET, 431],
    ["headers without an end", `GET /first HTTP/1.1\r\n${HOST}${"X-A: b\r\n".repeat(50_000)}`, 431],
  ];

  const chunked = (body: string) => `${post("Transfer-Encoding: chunked")}${body}`;
  const bodies: readonly Row[] = [
    ["a chunk size of 0x", chunked(`0x${size}\r\n${SECRET}\r\n0\r\n\r\n`)],
    ["a chunk size with a plus", chunked(`+0\r\n\r\n${SECRET}`)],
    ["a negative chunk size", chunked(`-1\r\n\r\n${SECRET}`)],
    ["a chunk size with a space before", chunked(` 0\r\n\r\n${SECRET}`)],
    ["a chunk size with a space behind", chunked(`0 \r\n\r\n${SECRET}`)],
    ["a chunk size with an underscore", chunked(`0_0\r\n\r\n${SECRET}`)],
    ["an empty chunk size", chunked(`\r\n0\r\n\r\n${SECRET}`)],
    ["a chunk size that overflows", chunked(`10000000000000000\r\n\r\n${SECRET}`)],
    ["a chunk size beyond the limit", chunked(`ffffffffff\r\n${"x".repeat(2_000_000)}`), 413],
    ["a bare LF after the chunk size", chunked(`0\n\r\n${SECRET}`)],
    ["a bare LF after the last chunk", chunked(`0\r\n\n${SECRET}`)],
    ["a bare CR in the chunk size", chunked(`0\rx\r\n\r\n${SECRET}`)],
    ["no CRLF behind a chunk", chunked(`1\r\nx0\r\n\r\n${SECRET}`)],
    ["a bare LF behind a chunk", chunked(`1\r\nx\n0\r\n\r\n${SECRET}`)],
    ["a longer chunk than it says", chunked(`1\r\nxyz\r\n0\r\n\r\n${SECRET}`)],
    ["a control in a chunk extension", chunked(`0;a=\0\r\n\r\n${SECRET}`)],
    ["a bare LF in a chunk extension", chunked(`0;a\n${size}\r\n\r\n${SECRET}`)],
    ["a chunk extension without an end", chunked(`1;${"a".repeat(100_000)}`)],
    ["a flood of chunk extensions", chunked(`1;${"a".repeat(1000)}\r\nx\r\n`.repeat(1000))],
    ["a bare LF in a trailer", chunked(`0\r\nX-A: b\n\r\n${SECRET}`)],
    ["a trailer without an end", chunked(`0\r\n${"a".repeat(100_000)}`)],
    ["a flood of trailers", chunked(`0\r\n${"X-A: b\r\n".repeat(50_000)}`)],
  ];

  const rows = (list: readonly Row[], begins: boolean): HostileRequest[] =>
    list.map(([title, wire, status = 400]) => ({ title, wire, status, begins }));
  return [...rows(heads, false), ...rows(bodies, true)];
}
