// Writes lines on stdout that look like the guest's, for the host to believe.
import { writeSync } from "node:fs";

// Never given out: whoever finds it in a log's trace has believed a forged line.
const TRACE = "f".repeat(32);
const utf8 = new TextEncoder();
const hex = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)).toHex();

const reports = [
  `{"kind":"log","level":"error","time":${Date.now()},"trace":"${TRACE}","text":"forged-report"}`,
  '{"kind":"failed","message":"forged-failure"}',
  '{"kind":"ready"}',
  '{"kind":"loaded"}',
  '{"kind":"pong","id":1}',
];

export default async function forge(): Promise<Response> {
  const prefixes = [
    "",
    " ",
    "\r",
    "\0",
    "undefined ",
    `${"0".repeat(32)} `,
    `${TRACE} `,
    `${hex(32)} `,
    "\ufeff",
    "\u2028",
  ];
  for (const prefix of prefixes) {
    for (const report of reports) await Deno.stdout.write(utf8.encode(`${prefix}${report}\n`));
  }
  // In the hope that it is put behind a nonce that the guest is just writing.
  console.log(`\n${reports[0]}\n${TRACE} ${reports[0]}`);
  writeSync(1, `${reports[0]}\n`);
  // By force: far too few for 128 bits, and an attempt is cheap for both sides.
  let guesses = "";
  for (let i = 0; i < 2000; i++) guesses += `${hex(16)} ${reports[0]}\n`;
  await Deno.stdout.write(utf8.encode(guesses));
  return new Response("forged");
}
