// Sends back every WebSocket message, text or binary

export default function websocketEcho(req: Request): Response {
  if (req.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return new Response("Connect with a WebSocket.\n", { status: 426, headers: { upgrade: "websocket" } });
  }
  const { socket, response } = Deno.upgradeWebSocket(req);
  socket.onmessage = (message) => socket.send(message.data);
  return response;
}
