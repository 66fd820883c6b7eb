/** A request on its way, and its answer as it comes. */

import { ANSWER, CALL } from "../../wire/headers.ts";
import { Recorder } from "../stream/recording.ts";
import type { Pair, Wanted } from "./draft.ts";

/** What the val answered with, but for the body. */
export interface Answered {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly Pair[];
  /** There were more headers than are told. */
  readonly more: boolean;
}

/** What the server takes to be asked for. */
const MAX_ASKED = 16 * 1024;
/** The progress of a larger body is told, for which answers are seen a little less exactly. */
const LARGE = 256 * 1024;

/** Sends a request when it is made. What becomes of it is told by its recording. */
export class Exchange {
  readonly recording = new Recorder();
  readonly wanted: Wanted;
  answered: Answered | undefined;
  /** Why there is no answer. */
  problem: string | undefined;
  /** Of the body. */
  uploaded = 0;
  /** When the body was gone. */
  sentMs: number | undefined;
  #left = false;
  #stop: () => void;

  constructor(fileId: string, wanted: Wanted) {
    this.wanted = wanted;
    const { body, method, path, headers } = wanted;
    const call = encode({ method, path, headers });
    const stop = new AbortController();
    this.#stop = () => stop.abort();
    if (call.length > MAX_ASKED) this.#fail("Path and headers are longer than what can be sent from here.");
    else if (body !== undefined && body.size > LARGE) this.#stop = this.#upload(fileId, call, body);
    else void this.#fetch(fileId, call, stop.signal);
  }

  get size(): number {
    return this.wanted.body?.size ?? 0;
  }

  /** Stops it; the val is told. */
  cancel(): void {
    if (this.recording.end !== "open") return;
    this.#left = true;
    this.#stop();
    this.recording.ended("left");
  }

  async #fetch(fileId: string, call: string, signal: AbortSignal): Promise<void> {
    const { body } = this.wanted;
    this.#sent(this.size);
    try {
      const response = await fetch(`/_call/${fileId}`, {
        ...{ method: body === undefined ? "GET" : "POST", signal, credentials: "omit", cache: "no-store" },
        headers: { [CALL]: call },
        ...(body && { body }),
      });
      if (!this.#head(response.headers.get(ANSWER))) return this.#refused(await response.text());
      const reader = response.body?.getReader();
      for (let part = await reader?.read(); part?.value; part = await reader?.read())
        this.recording.received(part.value);
      this.recording.ended("complete");
    } catch {
      this.#broke();
    }
  }

  /** By the older interface, for only that one says how much of the body has gone. */
  #upload(fileId: string, call: string, body: Blob): () => void {
    const request = new XMLHttpRequest();
    request.open("POST", `/_call/${fileId}`);
    request.setRequestHeader(CALL, call);
    // Each byte becomes a character, so that the answer can be read while it comes.
    request.overrideMimeType("text/plain; charset=x-user-defined");
    let read = 0;
    let told = false;
    const take = () => {
      if (!told) return;
      const text = request.responseText;
      if (text.length > read) this.recording.received(toBytes(text, read));
      read = text.length;
    };
    request.upload.onprogress = ({ loaded }) => this.#sent(loaded);
    request.upload.onload = () => this.#sent(body.size);
    request.onreadystatechange = () => {
      if (request.readyState === 2) told = this.#head(request.getResponseHeader(ANSWER));
      if (request.readyState === 3) take();
    };
    request.onprogress = take;
    request.onload = () => {
      if (!told) return this.#refused(request.responseText);
      take();
      this.recording.ended("complete");
    };
    request.onerror = () => this.#broke();
    request.send(body);
    return () => request.abort();
  }

  #sent(uploaded: number): void {
    const more = uploaded - this.uploaded;
    this.uploaded = uploaded;
    if (uploaded >= this.size)
      this.sentMs ??= performance.timeOrigin + performance.now() - this.recording.startedAt;
    this.recording.sent(more);
  }

  /** False when it is no answer of the val's. */
  #head(written: string | null): boolean {
    if (written === null) return false;
    this.answered = decode(written);
    this.recording.head(this.answered.headers.find(([name]) => name === "content-type")?.[1]);
    return true;
  }

  #refused(text: string): void {
    let message = "The town did not answer.";
    try {
      message = JSON.parse(text).message ?? message;
    } catch {
      // Whatever it is, it is for nobody's eyes.
    }
    this.#fail(message);
  }

  #broke(): void {
    if (this.#left) return;
    if (this.answered === undefined)
      this.problem = "The town cannot be reached. Look at your connection, then try again.";
    this.recording.ended("broken");
  }

  #fail(problem: string): void {
    this.problem = problem;
    this.recording.ended("broken");
  }
}

function encode(asked: object): string {
  const bytes = new TextEncoder().encode(JSON.stringify(asked));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function decode(written: string): Answered {
  const bytes = Uint8Array.from(atob(written), (char) => char.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

function toBytes(text: string, from: number): Uint8Array {
  const bytes = new Uint8Array(text.length - from);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(from + at) & 0xff;
  return bytes;
}
