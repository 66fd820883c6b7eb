/** HTTP/1.1 by hand over one TCP connection: little of our own work in the figures, and full control of when we read. */
import type { Socket } from "bun";

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** From before the connection was made to the last byte, ms. */
  readonly ms: number;
}

export interface Connection {
  readonly socket: Socket<undefined>;
  /** Resolves when the other side has closed. */
  readonly closed: Promise<void>;
}

/** Connect to the loopback; `onData` sees every piece as it arrives. */
export async function connect(port: number, onData: (data: Buffer) => void): Promise<Connection> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: { data: (_socket, data) => onData(data), close: () => resolve(), error: () => resolve() },
  });
  socket.setNoDelay(true);
  return { socket, closed };
}

/** The head of a GET request. */
export function get(host: string, path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

/** One GET on a connection of its own, to the full answer. */
export async function answer(port: number, host: string, path = "/"): Promise<Answer> {
  const start = performance.now();
  let text = "";
  const { promise: complete, resolve } = Promise.withResolvers<void>();
  const connection = await connect(port, (data) => {
    text += data.toString("latin1");
    if (isComplete(text)) resolve();
  });
  connection.socket.write(get(host, path));
  await Promise.race([complete, connection.closed]);
  const ms = performance.now() - start;
  connection.socket.end();
  if (!isComplete(text))
    throw new Error(`${host}${path} closed the connection before its answer was complete.`);
  return { status: statusOf(text), body: text.slice(text.indexOf("\r\n\r\n") + 4), ms };
}

/** The status code in the first line of an answer. */
export function statusOf(text: string): number {
  return Number(text.slice(9, 12));
}

function isComplete(text: string): boolean {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return false;
  const length = text.slice(0, headEnd).match(/\r\ncontent-length: *(\d+)/i)?.[1];
  if (length !== undefined) return text.length - headEnd - 4 >= Number(length);
  return text.endsWith("\r\n0\r\n\r\n");
}

/** Wait, so that what a platform does in the background is not in the next figure. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
