// Writes its own bytes to the town's socket: smuggled requests, other addresses, other visitors' names.
import { anyOf, attack, need, type Town } from "./attempt.ts";

const doors = () => ["/door/s", `${Deno.env.get("TMPDIR")}/../door`, `${Deno.cwd()}/../door`];
const encoder = new TextEncoder();

async function say(lines: readonly string[], body = ""): Promise<string> {
  let door: Deno.UnixConn | undefined;
  for (const path of doors()) {
    door ??= await Deno.connect({ transport: "unix", path }).catch(() => undefined);
  }
  if (door === undefined) throw new Error("no door");
  await door.write(encoder.encode(`${lines.join("\r\n")}\r\n\r\n${body}`));
  const chunks: string[] = [];
  const buffer = new Uint8Array(65_536);
  const decoder = new TextDecoder();
  const timer = setTimeout(() => door.close(), 1500);
  try {
    for (let size = await door.read(buffer); size !== null; size = await door.read(buffer)) {
      chunks.push(decoder.decode(buffer.subarray(0, size), { stream: true }));
    }
  } catch {
    // Its time is over: what came is enough.
  }
  clearTimeout(timer);
  return chunks.join("");
}

const api = ({ hamlet }: Town) => `api.localhost:${hamlet}`;
const self = ({ nonce, hamlet }: Town) => `tester-${nonce}.web.localhost:${hamlet}`;
const token = () => `authorization: Bearer ${Deno.env.get("valtown")}`;
const answers = (text: string) => text.split("HTTP/1.1 ").length - 1;

/** What its own endpoint sees of a request that it sends itself. */
async function seen(town: Town, lines: readonly string[]): Promise<Record<string, string>> {
  const text = await say([`OPTIONS /seen HTTP/1.1`, `host: ${self(town)}`, "connection: close", ...lines]);
  const json = /\{.*\}/.exec(text)?.[0];
  if (json === undefined) throw new Error(text.slice(0, 200));
  return JSON.parse(json);
}

const made = attack({
  "two requests in one": (town) =>
    anyOf(
      [
        ["content-length: 4", "transfer-encoding: chunked"],
        ["content-length: 4", "content-length: 40"],
        ["transfer-encoding: xchunked"],
        ["transfer-encoding: chunked, identity"],
        ["transfer-encoding : chunked"],
        ["content-length: +4"],
        ["content-length: 4\n"],
        ["x: y\rtransfer-encoding: chunked"],
        ["content-length: 0", "x: y\n\nGET /v1/me HTTP/1.1"],
        ["host: localhost"],
      ],
      async (lines) => {
        const inner = `0\r\n\r\nGET /v1/me HTTP/1.1\r\nhost: ${api(town)}\r\n${token()}\r\n\r\n`;
        const text = await say(["POST /v1/nothing HTTP/1.1", `host: ${api(town)}`, ...lines], inner);
        return need(/ 200 /.test(text) && answers(text) > 1 && text, text.slice(0, 120));
      },
    ),
  "another address by the door": (town) =>
    anyOf(
      [
        [`GET http://127.0.0.1:${town.tcp}/ HTTP/1.1`, `host: 127.0.0.1:${town.tcp}`],
        [`GET http://127.0.0.1:${town.tcp}/ HTTP/1.1`, `host: ${api(town)}`],
        [`CONNECT 127.0.0.1:${town.tcp} HTTP/1.1`, `host: 127.0.0.1:${town.tcp}`],
        [`GET http://${town.hostname}:${town.tcp}/ HTTP/1.1`, `host: ${town.hostname}:${town.tcp}`],
        ["GET http://169.254.169.254/ HTTP/1.1", "host: 169.254.169.254"],
        [`GET unix:${town.data}/inner.sock HTTP/1.1`, "host: inner"],
        ["GET / HTTP/1.1", "host: inner"],
        ["GET / HTTP/1.1", `host: ${town.data}/inner.sock`],
      ],
      async (lines) => {
        const text = await say([...lines, "connection: close"]);
        return need(/^HTTP\/1.1 (?:2|3|101)/.test(text) && text, text.slice(0, 120));
      },
    ),
  "where the door is on the host": async (town) => {
    const opened = await Promise.allSettled(doors().map((path) => Deno.connect({ transport: "unix", path })));
    const table = Deno.readTextFileSync("/proc/net/unix");
    for (const door of opened) if (door.status === "fulfilled") door.value.close();
    return need(table.includes(town.run) && table, "nothing of it");
  },
  "another visitor's address": async (town) => {
    const headers = await seen(town, [
      "x-forwarded-for: 203.0.113.7",
      "x-real-ip: 203.0.113.7",
      "x-forwarded-host: evil.example",
      "forwarded: for=203.0.113.7",
    ]);
    return need(headers["x-forwarded-for"] ?? headers["x-forwarded-host"], "none");
  },
  "headers that only the town sets": async (town) => {
    const trace = "f".repeat(32);
    const headers = await seen(town, [
      `x-hamlet-trace: ${trace}`,
      "x-hamlet-error: val_died",
      "X-Hamlet-Version: 99",
      "x-hamlet-worker: other",
    ]);
    const forged = Object.entries(headers).filter(
      ([name, value]) => name.startsWith("x-hamlet-") && (value === trace || !/trace|hops/.test(name)),
    );
    return need(forged.length > 0 && JSON.stringify(forged), "none");
  },
  "fewer calls than there were": (town) =>
    anyOf(["-1", "-99999", "0x0", "1e-9", "", "0, 0", "NaN"], async (hops) => {
      const headers = await seen(town, [`x-hamlet-hops: ${hops}`]);
      return need(Number(headers["x-hamlet-hops"]) < 1 && headers["x-hamlet-hops"], "at least one");
    }),
  "the API without a token": (town) =>
    anyOf(
      [
        ["x-forwarded-for: 127.0.0.1"],
        ["x-hamlet-user: tester"],
        ["origin: http://localhost"],
        ["authorization:"],
        ["cookie: token=x"],
      ],
      async (lines) => {
        const text = await say(["GET /v1/me HTTP/1.1", `host: ${api(town)}`, "connection: close", ...lines]);
        return need(text.startsWith("HTTP/1.1 200") && text, text.slice(0, 60));
      },
    ),
  "a head without end": async (town) => {
    const text = await say([
      "GET / HTTP/1.1",
      `host: ${api(town)}`,
      ...Array.from({ length: 5000 }, (_, n) => `x-${n}: ${"y".repeat(50)}`),
    ]);
    return need(!/^HTTP\/1.1 (?:431|400)/.test(text) && text, text.slice(0, 60));
  },
});

export default (request: Request) =>
  new URL(request.url).pathname === "/seen"
    ? Response.json(Object.fromEntries(request.headers))
    : made(request);
