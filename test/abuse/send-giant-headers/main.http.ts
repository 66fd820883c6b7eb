// Answers with more and larger headers than anyone should keep in memory.
// So many that Deno itself stumbles are in test/limits.test.ts.
const sizes: Readonly<Record<string, () => Headers>> = {
  "/ten-thousand": () => many(10_000, 10),
  "/one-megabyte": () => new Headers({ "x-large": "a".repeat(2 ** 20) }),
  "/ten-megabytes": () => many(10, 2 ** 20),
  "/long-name": () => new Headers({ [`x-${"a".repeat(60_000)}`]: "1" }),
  "/cookies": () => {
    const headers = new Headers();
    for (let i = 0; i < 5000; i++) headers.append("set-cookie", `c${i}=${"v".repeat(100)}`);
    return headers;
  },
};

function many(count: number, length: number): Headers {
  const headers = new Headers();
  for (let i = 0; i < count; i++) headers.append(`x-${i}`, "a".repeat(length));
  return headers;
}

export default function answer(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname === "/list") return Response.json(Object.keys(sizes));
  return new Response("body", { headers: sizes[pathname]?.() ?? {} });
}
