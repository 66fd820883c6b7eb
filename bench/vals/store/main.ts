// Measures from inside a val: SQLite and blobs as the standard library has them. The bench reads the JSON.
import { blob } from "https://esm.town/v/std/blob/main.ts";
import { sqlite } from "https://esm.town/v/std/sqlite/main.ts";
import { measureSqlite, time } from "./sqlite.ts";

const MB = 1024 * 1024;

/** A body that nobody holds whole. */
function zeros(megabytes: number): ReadableStream<Uint8Array> {
  let left = megabytes;
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(new Uint8Array(MB));
      else controller.close();
    },
  });
}

export default async function measure(req: Request): Promise<Response> {
  const count = Number(new URL(req.url).searchParams.get("count") ?? 10);
  const megabytes = Number(new URL(req.url).searchParams.get("mb") ?? 1);
  const result = await measureSqlite(sqlite, count);
  await blob.set("small", "x".repeat(1000));
  const get = await time(count, async () => (await blob.get("small")).text());
  const set = await time(count, () => blob.set("small", "y".repeat(1000)));
  const putStart = performance.now();
  await blob.set("large", zeros(megabytes));
  const putMs = performance.now() - putStart;
  const getStart = performance.now();
  for await (const _ of (await blob.get("large")).body!);
  const getMs = performance.now() - getStart;
  const rate = (ms: number) => (megabytes / ms) * 1000;
  return Response.json({ ...result, get, set, put: rate(putMs), read: rate(getMs) });
}
