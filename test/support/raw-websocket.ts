/** A WebSocket visitor that writes and reads single frames (RFC 6455 §5.2). */

import type { RawConnection, RawHead } from "./raw.ts";

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
type Opcode = (typeof OPCODE)[keyof typeof OPCODE];

export interface Frame {
  readonly opcode: number;
  readonly final: boolean;
  readonly payload: Buffer;
}

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** The request that asks for a WebSocket. */
export function upgradeRequest(host: string, path: string, ...lines: string[]): string {
  const own = [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${KEY}`,
  ];
  return [`GET ${path} HTTP/1.1`, `Host: ${host}`, ...own, ...lines, "", ""].join("\r\n");
}

export class RawWebSocket implements AsyncDisposable {
  readonly connection: RawConnection;
  readonly head: RawHead;

  constructor(connection: RawConnection, head: RawHead) {
    this.connection = connection;
    this.head = head;
  }

  send(opcode: Opcode, payload: string | Uint8Array = "", final = true): Promise<void> {
    return this.connection.write(toFrame(opcode, Buffer.from(payload as string), final));
  }

  sendClose(code: number, reason = ""): Promise<void> {
    const payload = Buffer.from(`  ${reason}`);
    payload.writeUInt16BE(code);
    return this.send(OPCODE.close, payload);
  }

  async read(): Promise<Frame> {
    const [first = 0, second = 0] = await this.connection.readExactly(2);
    const length = await this.#readLength(second & 0x7f);
    const payload = Buffer.from(await this.connection.readExactly(length));
    return { opcode: first & 0x0f, final: (first & 0x80) !== 0, payload };
  }

  async readText(): Promise<string> {
    return (await this.read()).payload.toString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.destroy();
  }

  async #readLength(short: number): Promise<number> {
    if (short === 126) return Buffer.from(await this.connection.readExactly(2)).readUInt16BE();
    if (short === 127) return Number(Buffer.from(await this.connection.readExactly(8)).readBigUInt64BE());
    return short;
  }
}

/** Asks for a WebSocket, and throws where the answer is another one. */
export async function openWebSocket(
  connection: RawConnection,
  host: string,
  path: string,
  ...lines: string[]
): Promise<RawWebSocket> {
  await connection.write(upgradeRequest(host, path, ...lines));
  const head = await connection.readHead();
  if (head.status !== 101) throw new Error(`The upgrade was answered with ${head.text}`);
  return new RawWebSocket(connection, head);
}

/** A frame as a visitor must send it: masked. */
export function toFrame(opcode: Opcode, payload: Uint8Array, final = true): Buffer {
  const mask = Buffer.from([1, 2, 3, 4]);
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10);
  head[0] = opcode | (final ? 0x80 : 0);
  head[1] = 0x80 | (payload.length < 126 ? payload.length : head.length === 4 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(payload.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ mask[i % 4]!)]);
}
