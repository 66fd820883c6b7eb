/** A name server that knows a few TXT records; real DNS over UDP (RFC 1035). */

import { createSocket } from "node:dgram";

const TXT = 16;

/** Answers with `records`, by name; without a name's entry there is no such name. Goes with the scope. */
export async function startNameServer() {
  const records = new Map<string, readonly string[]>();
  const asked: string[] = [];
  let failing = false;
  const socket = createSocket("udp4");
  socket.on("message", (question, from) => {
    const { name, end } = readName(question);
    asked.push(name);
    const texts = failing ? "failure" : records.get(name.toLowerCase());
    socket.send(answerOf(question, end, texts), from.port, from.address);
  });
  await new Promise<void>((ready) => socket.bind(0, "127.0.0.1", ready));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    records,
    asked,
    /** Answer with a failure of the server. */
    fail(on: boolean) {
      failing = on;
    },
    [Symbol.dispose]: () => void socket.close(),
  };
}

function readName(message: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let size = message[at]!; size > 0; size = message[at]!) {
    labels.push(message.toString("latin1", at + 1, at + 1 + size));
    at += size + 1;
  }
  return { name: labels.join("."), end: at + 5 };
}

function answerOf(question: Buffer, end: number, asked: readonly string[] | "failure" | undefined): Buffer {
  const head = Buffer.from(question.subarray(0, 12));
  const code = asked === "failure" ? 2 : asked === undefined ? 3 : 0;
  const texts = typeof asked === "object" ? asked : [];
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(texts.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, question.subarray(12, end), ...texts.map(toRecord)]);
}

function toRecord(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(TXT, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(1, 6);
  head.writeUInt16BE(bytes.length + 1, 10);
  return Buffer.concat([head, Buffer.from([bytes.length]), bytes]);
}
