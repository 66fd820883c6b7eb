// Puts line ends into header names, values and the status text, to begin an answer of its own.
const SPLITS = ["\r\n", "\n", "\r", "\0", "\u010d\u010a", "%0d%0a", "\u2028"];
const smuggled = (end: string) =>
  `x${end}x-injected: yes${end}${end}HTTP/1.1 200 OK${end}content-length: 6${end}${end}forged`;

type Internal = Record<symbol, unknown>;
interface InnerResponse {
  headerList?: [string, string][];
  status: number;
  statusMessage: string;
}

/** What Deno's Response is made of, where its checks have been done already. */
function inner(response: Response): InnerResponse {
  const symbol = Object.getOwnPropertySymbols(response).find((each) => each.description === "response");
  if (symbol === undefined) throw new Error("Deno keeps it elsewhere");
  return (response as unknown as Internal)[symbol] as InnerResponse;
}

const ways: Readonly<Record<string, (end: string) => Response>> = {
  value: (end) => new Response("body", { headers: { "x-a": smuggled(end) } }),
  name: (end) => new Response("body", { headers: { [`x-a${end}x-injected`]: "yes" } }),
  append: (end) => {
    const response = new Response("body");
    response.headers.append("set-cookie", smuggled(end));
    return response;
  },
  "status-text": (end) => new Response("body", { statusText: smuggled(end) }),
  redirect: (end) => Response.redirect(`http://example.com/${smuggled(end)}`),
  location: (end) => new Response(null, { status: 302, headers: { location: smuggled(end) } }),
  "raw-value": (end) => {
    const response = new Response("body");
    inner(response).headerList?.push(["x-a", smuggled(end)]);
    return response;
  },
  "raw-name": (end) => {
    const response = new Response("body");
    inner(response).headerList?.push([`x-a: 1${end}x-injected`, "yes"]);
    return response;
  },
  "raw-status-text": (end) => {
    const response = new Response("body");
    inner(response).statusMessage = smuggled(end);
    return response;
  },
  "patched-headers": (end) => {
    const response = new Response("body");
    Object.defineProperty(response, "headers", { value: new Map([["x-a", smuggled(end)]]) });
    Object.defineProperty(response, "statusText", { value: smuggled(end) });
    return response;
  },
};

export default function split(request: Request): Response {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/list") return Response.json({ ways: Object.keys(ways), splits: SPLITS.length });
  const end = SPLITS[Number(searchParams.get("split"))] ?? "";
  return ways[pathname.slice(1)]?.(end) ?? new Response("plain");
}
