import { expect, test } from "bun:test";
import { checkConditions } from "./conditional.ts";

const ETAG = '"abc"';
const AT = Date.parse("2026-01-02T03:04:05.678Z");
const SAME = "Fri, 02 Jan 2026 03:04:05 GMT";
const EARLIER = "Fri, 02 Jan 2026 03:04:04 GMT";

const CONDITIONS: readonly [title: string, headers: Record<string, string>, status: 200 | 304 | 412][] = [
  ["no condition", {}, 200],
  ["what I have", { "if-none-match": ETAG }, 304],
  ["what I have, weakly", { "if-none-match": `W/${ETAG}` }, 304],
  ["one of what I have", { "if-none-match": `"x,y", ${ETAG}` }, 304],
  ["anything", { "if-none-match": "*" }, 304],
  ["something else", { "if-none-match": '"x"' }, 200],
  ["not modified since", { "if-modified-since": SAME }, 304],
  ["modified since", { "if-modified-since": EARLIER }, 200],
  ["the tag outranks the date", { "if-none-match": '"x"', "if-modified-since": SAME }, 200],
  ["only if it matches", { "if-match": ETAG }, 200],
  ["only if there is one", { "if-match": "*" }, 200],
  ["only if it matches, weakly", { "if-match": `W/${ETAG}` }, 412],
  ["only if it is something else", { "if-match": '"x"' }, 412],
  ["only if unmodified, and it is", { "if-unmodified-since": SAME }, 200],
  ["only if unmodified, and it is not", { "if-unmodified-since": EARLIER }, 412],
  ["a failed match outranks what I have", { "if-match": '"x"', "if-none-match": ETAG }, 412],
  ["an unquoted tag is ignored", { "if-none-match": "abc" }, 200],
  ["an unquoted match is ignored", { "if-match": "If-Match" }, 200],
  ["an ignored tag leaves the date", { "if-none-match": "abc", "if-modified-since": SAME }, 304],
  ["a date that is none is ignored", { "if-modified-since": "If-Modified-Since" }, 200],
  ["an impossible date is ignored", { "if-unmodified-since": "Fri, 99 Jan 2026 03:04:05 GMT" }, 200],
];

test.each(CONDITIONS)("%s", (_, headers, status) => {
  expect(checkConditions(new Headers(headers), { etag: ETAG, modifiedAt: AT })).toBe(status);
});
