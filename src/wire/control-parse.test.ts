import { expect, test } from "bun:test";
import { MAX_CONTROL_LINE } from "./control.ts";
import { parseCommand, parseReport } from "./control-parse.ts";

const TRACE = "0123456789abcdef0123456789abcdef";

test("each command and report survives its own JSON", () => {
  const commands = [
    { kind: "hello", nonce: "n", socket: "/s", logLines: 1, logBytes: 2 },
    { kind: "claim", entry: "file:///a.ts", env: { A: "1" } },
    { kind: "claim", entry: "file:///a.ts", env: {}, trigger: "script" },
    { kind: "claim", entry: "file:///a.ts", env: {}, backgroundMs: 300_000 },
    { kind: "ping", id: 0 },
    { kind: "drain" },
  ];
  const reports = [
    { kind: "ready" },
    { kind: "loaded" },
    { kind: "failed", message: "why" },
    { kind: "pong", id: 3 },
    { kind: "log", level: "warn", time: 1.5, trace: TRACE, text: "t" },
    { kind: "log", level: "info", time: 1, trace: "", text: "" },
    { kind: "background", busy: true },
    { kind: "background", busy: false },
    { kind: "ended", trace: TRACE, outcome: { ok: true } },
    { kind: "ended", trace: TRACE, outcome: { ok: true, value: "1" } },
    { kind: "ended", trace: TRACE, outcome: { ok: false, error: { name: "E", message: "m", stack: "s" } } },
  ];
  for (const command of commands) expect(parseCommand(JSON.stringify(command))).toEqual(command as never);
  for (const report of reports) expect(parseReport(JSON.stringify(report))).toEqual(report as never);
});

test("only the promised fields are kept", () => {
  expect(parseReport('{"kind":"pong","id":1,"leases":5,"__proto__":{"x":1}}')).toEqual({
    kind: "pong",
    id: 1,
  });
});

const NO_REPORTS = [
  "",
  "{",
  "null",
  "[]",
  '"ready"',
  '{"kind":"other"}',
  '{"kind":"constructor"}',
  '{"kind":"failed"}',
  '{"kind":"pong","id":-1}',
  '{"kind":"pong","id":1.5}',
  '{"kind":"pong","id":"1"}',
  '{"kind":"background"}',
  '{"kind":"background","busy":1}',
  '{"kind":"log","level":"fatal","time":1,"trace":"","text":""}',
  '{"kind":"log","level":"info","time":1e999,"trace":"","text":""}',
  '{"kind":"log","level":"info","time":1,"trace":"../x","text":""}',
  '{"kind":"log","level":"info","time":1,"trace":"","text":1}',
  '{"kind":"ended","trace":"","outcome":null}',
  '{"kind":"ended","trace":"../x","outcome":{"ok":true}}',
  '{"kind":"ended","trace":"","outcome":{"ok":false}}',
  '{"kind":"ended","trace":"","outcome":{"ok":false,"error":{"name":"E","message":"m"}}}',
  `{"kind":"failed","message":"${"x".repeat(MAX_CONTROL_LINE)}"}`,
];
for (const line of NO_REPORTS) {
  test(`${line.slice(0, 70) || "an empty line"} is no report`, () =>
    expect(parseReport(line)).toBeUndefined());
}

const NO_COMMANDS = [
  '{"kind":"hello","nonce":"n","socket":"/s","logLines":-1,"logBytes":1}',
  '{"kind":"claim","entry":"file:///a.ts","env":{"A":1}}',
  '{"kind":"claim","entry":"file:///a.ts","env":null}',
  '{"kind":"claim","env":{}}',
  '{"kind":"ready"}',
];
for (const line of NO_COMMANDS) {
  test(`${line} is no command`, () => expect(parseCommand(line)).toBeUndefined());
}
