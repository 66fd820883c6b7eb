/** A WebSocket for each thing that the tests look at; `/farewell/NAME` tells how the one of that name ended. */

const farewells = new Map<string, PromiseWithResolvers<string>>();

function farewell(name: string): PromiseWithResolvers<string> {
  const known = farewells.get(name) ?? Promise.withResolvers<string>();
  farewells.set(name, known);
  return known;
}

const onMessage: Record<string, (socket: WebSocket, data: string | ArrayBuffer) => void> = {
  echo: (socket, data) => socket.send(data),
  size: (socket, data) =>
    socket.send(`${typeof data} ${typeof data === "string" ? data.length : data.byteLength}`),
  close: (socket, data) => {
    const [code, reason] = String(data).split(" ");
    socket.close(Number(code), reason);
  },
  leave: () => Deno.exit(3),
  flood: (socket, data) => {
    const piece = new Uint8Array(64 * 1024);
    for (let i = 0; i < Number(data); i++) socket.send(piece);
  },
};

export default async function (request: Request): Promise<Response> {
  const [, action = "", name = ""] = new URL(request.url).pathname.split("/");
  if (action === "farewell") return new Response(await farewell(name).promise);
  if (action === "refuse") return new Response("not for you", { status: 403 });
  if (request.headers.get("upgrade") !== "websocket") return new Response("no websocket asked for");
  const protocol = request.headers.get("sec-websocket-protocol")?.split(", ")[0];
  const { socket, response } = Deno.upgradeWebSocket(request, { protocol, idleTimeout: 0 });
  if (action === "greet") socket.onopen = () => socket.send("hello from the val");
  socket.onmessage = ({ data }) => onMessage[action]?.(socket, data);
  socket.onclose = ({ code, reason, wasClean }) => farewell(name).resolve(`${code} ${reason} ${wasClean}`);
  return response;
}
