/** Answers `fine` at `/`; every other path is one way to take more than a val may. */

type Handle = () => Response | Promise<Response>;

const survived = () => new Response("survived");
const never = () => new Promise<never>(() => {});
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const utf8 = new TextEncoder();

const ways: Readonly<Record<string, Handle>> = {
  "/compute": () => {
    for (;;);
  },
  "/microtasks": async () => {
    for (;;) await Promise.resolve();
  },
  "/expression": () => {
    /^(a+)+$/.test(`${"a".repeat(50)}b`);
    return survived();
  },
  "/block": () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    return survived();
  },
  "/heap": () => {
    const kept: object[] = [];
    for (;;) kept.push({ text: `${kept.length}`.repeat(10) });
  },
  "/buffers": () => {
    const kept: Uint8Array[] = [];
    for (;;) kept.push(new Uint8Array(2 ** 24).fill(1));
  },
  "/slowly": async () => {
    const kept: Uint8Array[] = [];
    for (;;) {
      kept.push(new Uint8Array(2 ** 23).fill(1));
      await pause(5);
    }
  },
  "/threads": () => {
    const stay = "data:text/javascript,setInterval(()=>{},1000)";
    for (let i = 0; i < 500; i++) new Worker(stay, { type: "module" });
    return never();
  },
  "/exit": () => Deno.exit(3),
  "/abort": () => process.abort(),
  "/throw": () => {
    throw new Error("on purpose");
  },
  "/throw-null": () => {
    throw null;
  },
  "/text": () => "text" as unknown as Response,
  "/never": never,
  "/interim": () => {
    const response = new Response(null);
    // Deno's Response takes no interim status; what it is made of does.
    const symbol = Object.getOwnPropertySymbols(response).find(
      ({ description }) => description === "response",
    );
    if (symbol) (response as unknown as Record<symbol, { status: number }>)[symbol]!.status = 103;
    return response;
  },
  "/headers": () => withHeaders(10_000),
  "/too-many-headers": () => withHeaders(100_000),
  "/flood": () => {
    for (let line = 0; line < 20_000; line++) console.log("flood", line);
    return new Response("flooded");
  },
  "/long-lines": () => {
    for (let line = 0; line < 50; line++) console.log("x".repeat(100_000));
    return new Response("flooded");
  },
  "/print": async () => {
    const bytes = utf8.encode("printed\n".repeat(20_000));
    for (let at = 0; at < bytes.length; ) at += await Deno.stdout.write(bytes.subarray(at));
    return new Response("flooded");
  },
  "/later": () => {
    setTimeout(() => {
      throw new Error("thrown later");
    });
    Promise.reject(new Error("rejected later"));
    return new Response("for now");
  },
  "/stream-then-die": () => stream(() => Deno.exit(5)),
  "/stream-then-compute": () =>
    stream(() => {
      for (;;);
    }),
  "/stream-then-throw": () =>
    stream(() => {
      throw new Error("thrown while streaming");
    }),
};

function withHeaders(count: number): Response {
  const headers = new Headers();
  for (let i = 0; i < count; i++) headers.append(`x-${i}`, "1");
  return new Response("", { headers });
}

function stream(end: () => void): Response {
  let begun = false;
  return new Response(
    new ReadableStream({
      async pull(controller) {
        if (begun) {
          // So that the first bytes are on their way.
          await pause(100);
          end();
        }
        begun = true;
        controller.enqueue(utf8.encode("the first bytes"));
      },
    }),
  );
}

export default function misbehave(request: Request): Response | Promise<Response> {
  const { pathname } = new URL(request.url);
  return ways[pathname]?.() ?? new Response("fine");
}
