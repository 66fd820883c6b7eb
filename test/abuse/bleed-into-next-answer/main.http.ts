// Sends more than it announced, for the rest to be read as the answer to another visitor.
const forged = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nx-forged: 1\r\n\r\nforged";

export default async function bleed(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/echo") return new Response(await request.text());
  if (pathname === "/short") return new Response(`ok${forged}`, { headers: { "content-length": "2" } });
  if (pathname === "/chunks")
    return new Response(`0\r\n\r\n${forged}`, { headers: { "transfer-encoding": "chunked" } });
  if (pathname === "/empty") return new Response(forged, { headers: { "content-length": "0" } });
  if (pathname === "/head") return new Response(forged, { headers: { "x-head": "1" } });
  if (pathname === "/raw") return upgradeAndWrite(request);
  return new Response(`for ${new URL(request.url).searchParams.get("visitor")}`);
}

/** A WebSocket's frames are the val's own bytes: the visitor asked for that, the next one did not. */
function upgradeAndWrite(request: Request): Response {
  try {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => {
      socket.send(forged);
      socket.close();
    };
    return response;
  } catch (error) {
    return new Response(`${error}`, { status: 426 });
  }
}
