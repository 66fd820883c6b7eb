/** Streams in both directions that go on only when the test says so: `/signal/NAME` lets `/…/NAME` take one step. */

const waiting = new Map<string, PromiseWithResolvers<void>>();
const encoder = new TextEncoder();

/** The same promise for both sides, whoever comes first; made anew once it has been used. */
function step(name: string): PromiseWithResolvers<void> {
  const known = waiting.get(name) ?? Promise.withResolvers<void>();
  waiting.set(name, known);
  return known;
}

async function nextStep(name: string): Promise<void> {
  await step(name).promise;
  waiting.delete(name);
}

interface Parting {
  cancelled?: number;
  aborted?: number;
}
const partings = new Map<string, Parting>();

/** One chunk, then silence; notes when the visitor's leaving was felt, in epoch milliseconds. */
function watched(name: string, request: Request): Response {
  const parting: Parting = {};
  partings.set(name, parting);
  const note = (what: keyof Parting) => {
    parting[what] = Date.now();
    if (parting.cancelled && parting.aborted) step(name).resolve();
  };
  request.signal.addEventListener("abort", () => note("aborted"));
  const start = (controller: ReadableStreamDefaultController) => controller.enqueue(encoder.encode("here"));
  return new Response(new ReadableStream({ start, cancel: () => note("cancelled") }));
}

function stepping(name: string): Response {
  let count = 0;
  const pull = async (controller: ReadableStreamDefaultController) => {
    if (count > 0) await nextStep(name);
    controller.enqueue(encoder.encode(`${count++}`));
  };
  return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
}

async function* totals(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const bytes of body) {
    total += bytes.length;
    yield encoder.encode(`${total}\n`);
  }
}

function failing(kind: string): Response {
  let count = 0;
  const pull = async (controller: ReadableStreamDefaultController) => {
    if (count++ === 0) return controller.enqueue(encoder.encode("part"));
    await nextStep(kind);
    if (kind === "exit") Deno.exit(1);
    controller.error(new Error("it broke midway"));
  };
  const headers: HeadersInit = kind === "length" ? { "content-length": "10" } : {};
  return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { headers });
}

/** `count` megabytes, made as they are wanted. */
function megabytes(count: number): Response {
  const piece = new Uint8Array(64 * 1024).fill(120);
  let left = count * 16;
  const pull = (controller: ReadableStreamDefaultController) =>
    left-- > 0 ? controller.enqueue(piece) : controller.close();
  return new Response(new ReadableStream({ pull }));
}

/** Takes the body's first piece, and the others only after a signal. */
async function slowReader(name: string, body: ReadableStream<Uint8Array>): Promise<Response> {
  const reader = body.getReader();
  let total = (await reader.read()).value?.length ?? 0;
  await nextStep(name);
  for (let read = await reader.read(); !read.done; read = await reader.read()) total += read.value.length;
  return new Response(`${total}`);
}

export default async function (request: Request): Promise<Response> {
  const [, action, name = ""] = new URL(request.url).pathname.split("/");
  switch (action) {
    case "signal":
      step(name).resolve();
      return new Response("signalled");
    case "stepping":
      return stepping(name);
    case "echo":
      return new Response(request.body);
    case "totals":
      return new Response(ReadableStream.from(totals(request.body!)));
    case "total":
      return new Response(`${(await request.bytes()).length}`);
    case "early":
      return new Response("no need to read it", { status: 403 });
    case "failing":
      return failing(name);
    case "watched":
      return watched(name, request);
    case "parted":
      await nextStep(name);
      return Response.json(partings.get(name));
    case "megabytes":
      return megabytes(Number(name));
    case "slow-reader":
      return await slowReader(name, request.body!);
    default:
      return new Response("good");
  }
}
