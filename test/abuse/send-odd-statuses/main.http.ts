// Answers with status codes that change how the rest of the connection is read.
// Interim ones alone are no answer at all: test/limits.test.ts has them.
const STATUSES = [0, 1, 99, 101, 204, 205, 304, 600, 999, 1000, -1, 65_736, 2 ** 32 + 101, 200.5];

interface InnerResponse {
  status: number;
}

/** Deno's Response refuses most of them; what it is made of does not. */
function withStatus(status: number, body: string | null): Response {
  const response = new Response(body);
  const symbol = Object.getOwnPropertySymbols(response).find((each) => each.description === "response");
  if (symbol === undefined) throw new Error("Deno keeps it elsewhere");
  ((response as unknown as Record<symbol, unknown>)[symbol] as InnerResponse).status = status;
  return response;
}

export default function answer(request: Request): Response {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/list") return Response.json(STATUSES);
  if (pathname === "/error") return Response.error();
  if (pathname !== "/status") return new Response("plain");
  const headers = searchParams.has("upgrade") ? { connection: "upgrade", upgrade: "websocket" } : {};
  const response = withStatus(
    Number(searchParams.get("status")),
    searchParams.has("body") ? "HTTP/1.1 200 OK\r\n\r\n" : null,
  );
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}
