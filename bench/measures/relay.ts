import { join } from "node:path";
import { connect, statusOf } from "../client.ts";
import { ROOT } from "../contestants/folder.ts";
import { inTurn } from "../rounds.ts";
import { median, quantile, Samples } from "../statistics.ts";
import type { Bench, Measure, Row, Running } from "../types.ts";

const TURNS = 300;
const WARM_UP = 50;

/**
 * One chunk sent in an open request and sent back in its open answer, with one clock for both ends.
 * What a front adds to one relayed chunk is half of what it adds to the turn.
 */
export const relay: Measure = { name: "relay", run };

async function run(bench: Bench): Promise<Row[]> {
  const turn = new Samples();
  const slow = new Samples();
  const vals = { echo: join(ROOT, "bench/vals/echo") };
  await inTurn(bench, ["hamlet", "direct", "dhw", "workerd"], vals, async (name, running) => {
    const turns = await pingPong(running);
    turn.add(name, median(turns));
    slow.add(name, quantile(turns, 0.99));
  });
  const medians = turn.toRow({
    title: "one chunk there and back, p50",
    unit: "ms",
    digits: 3,
    better: "less",
  });
  return [
    medians,
    slow.toRow({ title: "one chunk there and back, p99", unit: "ms", digits: 3, better: "less" }),
    addedRow(medians),
  ];
}

function addedRow(turns: Row): Row {
  const added = new Samples();
  for (const name of ["hamlet", "dhw", "workerd"] as const) {
    added.add(name, ((turns.values[name] ?? Number.NaN) - (turns.values.direct ?? Number.NaN)) / 2);
  }
  return added.toRow({ title: "added to one relayed chunk", unit: "ms", digits: 3, better: "less" });
}

async function pingPong(running: Running): Promise<number[]> {
  let text = "";
  let expected = "";
  let arrived = Promise.withResolvers<void>();
  const connection = await connect(running.port, (data) => {
    text += data.toString("latin1");
    if (text.includes(expected)) arrived.resolve();
  });
  const lost = connection.closed.then(() => {
    throw new Error(`The connection was closed in the middle of an echo: ${text.slice(0, 200)}`);
  });
  lost.catch(() => {});

  const head = `POST / HTTP/1.1\r\nHost: ${running.host("echo")}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  connection.socket.write(head);
  const turns: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    expected = `chunk ${String(turn).padStart(10, "0")}`;
    arrived = Promise.withResolvers<void>();
    const start = performance.now();
    connection.socket.write(`10\r\n${expected}\r\n`);
    await Promise.race([arrived.promise, lost]);
    turns.push(performance.now() - start);
    if (turn === 0 && statusOf(text) !== 200) throw new Error(`The echo answered with ${statusOf(text)}.`);
    text = "";
  }
  connection.socket.end("0\r\n\r\n");
  return turns.slice(WARM_UP);
}
