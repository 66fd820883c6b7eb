/** Pays, while the worker is still blank, for what Deno loads and V8 compiles at first use. */

import { Console } from "./intrinsics.ts";
import type { Server } from "./serve.ts";

const REQUESTS = [
  "GET / HTTP/1.1\r\n",
  "GET /?text=1 HTTP/1.1\r\n",
  "POST / HTTP/1.1\r\ncontent-length: 13\r\n",
];
const BODY = '{"warm":true}';

/** Import a val of ours and let it answer requests through the worker's own socket. */
export async function warmUp(server: Server, socket: string): Promise<void> {
  const val = await import("./warm-val.ts");
  // Ours may come from a cache; what nobody has seen before makes Deno load its transpiler.
  await import(`data:application/typescript,export const unseen: number = ${Math.random()}`);
  server.answerWith(val.default);
  for (const request of REQUESTS) await callSelf(socket, request);
  server.hold();
  // Not through the socket: Deno would first look the name up, which takes 5 s where there is no resolver.
  await (await fetch("data:text/plain,warm")).text();
  const quiet = new Console(() => {});
  quiet.log("warm", 1, { a: [new Map([[1, new Date(0)]])] }, new Headers({ a: "b" }));
  quiet.error(new Error("warm"));
}

async function callSelf(socket: string, request: string): Promise<void> {
  using connection = await Deno.connect({ transport: "unix", path: socket });
  const body = request.startsWith("POST") ? BODY : "";
  const head = `${request}host: localhost\r\nconnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(head + body));
  const chunk = new Uint8Array(1024);
  while ((await connection.read(chunk)) !== null);
}

/** Give up what only the guest needed: user code shall not connect to sockets, or put one in this one's place. */
export function dropPermissions(socket: string): void {
  const path = socket.slice(0, socket.lastIndexOf("/"));
  Deno.permissions.revokeSync({ name: "read", path });
  Deno.permissions.revokeSync({ name: "write", path });
}
