/** A WebSocket, and all that went over it. */

import { Recorder } from "../stream/recording.ts";

export interface Message {
  readonly atMs: number;
  readonly kind: "in" | "out" | "note";
  readonly text: string;
  readonly bytes: number;
}

/** More are dropped from the beginning. */
const MAX_MESSAGES = 10_000;
/** Of a longer one the beginning is shown. */
const MAX_TEXT = 10_000;

/** Connects when it is made. */
export class Socket {
  readonly recording = new Recorder();
  readonly messages: Message[] = [];
  state: "connecting" | "open" | "closed" = "connecting";
  readonly #socket: WebSocket;

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onopen = () => {
      this.state = "open";
      this.recording.head(undefined);
      this.#note("Connected.");
    };
    this.#socket.onmessage = ({ data }) => this.#came(data);
    this.#socket.onclose = ({ code, reason, wasClean }) => {
      const refused = this.state === "connecting";
      this.state = "closed";
      const why = reason === "" ? "" : `: ${reason}`;
      this.#note(refused ? "The endpoint took no WebSocket at this path." : `Closed, code ${code}${why}.`);
      this.recording.ended(wasClean ? "complete" : "broken");
    };
  }

  send(text: string): void {
    if (this.state !== "open") return;
    this.#socket.send(text);
    const { length } = new TextEncoder().encode(text);
    this.#add({ kind: "out", text, bytes: length });
    this.recording.sent(length);
  }

  close(): void {
    this.#socket.close(1000);
  }

  #came(data: string | ArrayBuffer): void {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data);
    const hex = () =>
      Array.from(bytes.subarray(0, 512), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    this.#add({ kind: "in", text: typeof data === "string" ? data : hex(), bytes: bytes.length });
    this.recording.received(bytes);
  }

  #note(text: string): void {
    this.#add({ kind: "note", text, bytes: 0 });
  }

  #add(message: Omit<Message, "atMs">): void {
    const atMs = performance.timeOrigin + performance.now() - this.recording.startedAt;
    this.messages.push({ ...message, atMs, text: message.text.slice(0, MAX_TEXT) });
    if (this.messages.length > MAX_MESSAGES) this.messages.splice(0, MAX_MESSAGES / 10);
  }
}
