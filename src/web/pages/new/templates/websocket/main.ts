// A room: what one visitor says, all of them hear
import page from "./page.html" with { type: "text" };

const MAX_LENGTH = 2000;
/** Everyone who is connected to this process. */
const room = new Set<WebSocket>();

export default function handle(req: Request): Response {
  if (req.headers.get("upgrade")?.toLowerCase() !== "websocket")
    return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });

  const { socket, response } = Deno.upgradeWebSocket(req);
  socket.onopen = () => {
    room.add(socket);
    tell({ here: room.size });
  };
  socket.onmessage = ({ data }) => tell({ text: String(data).slice(0, MAX_LENGTH) });
  socket.onclose = () => {
    room.delete(socket);
    tell({ here: room.size });
  };
  return response;
}

function tell(news: { text: string } | { here: number }): void {
  for (const socket of room) if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(news));
}
