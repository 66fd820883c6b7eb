import { HamletError, toHamletError } from "../errors.ts";
import { errorResponse } from "./error-page.ts";
import { Exchange } from "./exchange.ts";
import type { Origin } from "./forward.ts";
import type { Destination } from "./host.ts";
import { Peer } from "./peer.ts";
import { clientAddress } from "./proxies.ts";
import { parseProxiedHead, parseRequestHead, type RequestHead } from "./request-head.ts";
import type { Answering, ExchangeContext, VisitorSide } from "./types.ts";

export interface VisitorContext extends ExchangeContext {
  /** Whether this is the entrance of the town's own workers. */
  readonly short: boolean;
  readonly headMs: number;
  readonly idleMs: number;
  /** A trusted proxy may speak for the visitor behind it. */
  isTrusted(address: string): boolean;
  /** @throws never; a path is given because one host may serve two things */
  find(head: RequestHead): Destination | undefined | Promise<Destination | undefined>;
  /** An error of our own, for the operator. */
  report(error: HamletError): void;
  readonly stopping: boolean;
  left(visitor: Visitor): void;
}

/** Longest request head, and most bytes kept of what follows a request that is still being answered. */
const MAX_HEAD = 32 * 1024;
const MAX_INBOX = 64 * 1024;
/** After the last answer: how long and how much is still read and thrown away, so that the visitor can read it (RFC 9112 §9.6). */
const LINGER_MS = 2000;
const LINGER_BYTES = 64 * 1024 * 1024;
/** Larger heads are rare, and thousands of idle connections must not hold one each. */
const MAX_REMEMBERED = 4096;
/** A val that calls vals, which call vals: so many deep. */
const MAX_HOPS = 16;
const CRLF2 = Buffer.from("\r\n\r\n");

/** One visitor's connection: reads heads one after the other, gives each to an exchange, answers in order. */
export class Visitor extends Peer implements VisitorSide {
  deadline: number;
  readonly #context: VisitorContext;
  readonly #address: string;
  #inbox: Buffer | undefined;
  #exchange: Exchange | undefined;
  #looking = false;
  #reading = false;
  #lingering = -1;
  #last: { readonly text: string; readonly head: RequestHead } | undefined;
  #accept = "";
  #method = "GET";

  constructor(context: VisitorContext, address: string) {
    super();
    this.#context = context;
    this.#address = address;
    this.deadline = Date.now() + context.headMs;
  }

  get busy(): boolean {
    return this.#exchange !== undefined || this.#looking;
  }

  onData(data: Buffer): void {
    if (this.#lingering >= 0) {
      this.#lingering += data.length;
      if (this.#lingering > LINGER_BYTES) this.#leave();
      return;
    }
    this.#inbox = this.#inbox === undefined ? data : Buffer.concat([this.#inbox, data]);
    this.pump();
  }

  onFlushed(): void {
    this.#exchange?.onVisitorFlushed();
    this.pump();
  }

  onCongested(): void {
    this.#exchange?.onVisitorCongested();
  }

  onGone(): void {
    this.#exchange?.onVisitorGone();
    this.#context.left(this);
  }

  onDeadline(): void {
    this.deadline = 0;
    if (this.#exchange !== undefined) this.#exchange.onDeadline();
    else if (this.congested && this.takeProgress()) this.deadline = Date.now() + this.#context.idleMs;
    else if (this.#lingering < 0 && this.#inbox !== undefined)
      this.#refuse(new HamletError("request_timeout"));
    else this.#leave();
  }

  /** No further request on this connection; one that is being answered goes on. */
  stop(): void {
    if (!this.busy && this.#lingering < 0) this.#close();
  }

  exchangeFailed(error: HamletError, call: Answering | undefined, how: "keep" | "close"): void {
    this.#sendError(error, call, how);
    this.exchangeEnded(how);
  }

  exchangeEnded(how: "keep" | "close"): void {
    this.#exchange = undefined;
    if (this.closed) return;
    if (how === "keep" && !this.#context.stopping) {
      this.deadline = Date.now() + this.#context.idleMs;
      this.pump();
    } else this.#close();
  }

  pump(): void {
    if (this.#reading) return;
    this.#reading = true;
    while (this.#inbox !== undefined && this.#step(this.#inbox));
    this.#reading = false;
    const full = this.#inbox !== undefined && this.#inbox.length > MAX_INBOX;
    if (full || this.#exchange?.congested) this.pause();
    else this.resume();
  }

  /** @returns true when something was used and there may be more to do */
  #step(data: Buffer): boolean {
    if (this.closed || this.#lingering >= 0 || this.#looking) return false;
    const used = this.#exchange === undefined ? this.#readHead(data) : this.#exchange.onVisitorData(data);
    if (used === 0) return false;
    this.#inbox = used < data.length ? data.subarray(used) : undefined;
    return true;
  }

  #readHead(data: Buffer): number {
    // An answer that is not yet away holds the next request back: a pipeliner who does not read cannot pile up answers.
    if (this.congested) return 0;
    // RFC 9112 §2.2: an empty line before a request line is skipped.
    if (data[0] === 0x0d && data[1] === 0x0a) return 2;
    const end = data.indexOf(CRLF2);
    if (end > MAX_HEAD || (end < 0 && data.length > MAX_HEAD)) {
      this.#refuse(
        new HamletError("headers_too_large", `The request's head is larger than ${MAX_HEAD} bytes.`),
      );
      return data.length;
    }
    if (end < 0) return this.#awaitHead(data);
    try {
      this.#begin(this.#parse(data.toString("latin1", 0, end)));
    } catch (error) {
      this.#refuse(toHamletError(error));
    }
    return end + 4;
  }

  /** A client that asks again on its connection mostly asks in the same words. */
  #parse(text: string): RequestHead {
    const parse = this.#context.short ? parseProxiedHead : parseRequestHead;
    if (text.length > MAX_REMEMBERED) return parse(text);
    if (this.#last?.text !== text) this.#last = { text, head: parse(text) };
    return this.#last.head;
  }

  /** The deadline for a head runs from its first byte, so that dripping it does not help. */
  #awaitHead(data: Buffer): number {
    const lf = data.indexOf(0x0a);
    // A TLS hello has no line end to wait for, but begins with a control character.
    const alien = data[0]! < 0x20 && data[0] !== 0x0d;
    if (alien || (lf > 0 && data[lf - 1] !== 0x0d)) {
      this.#refuse(new HamletError("bad_request", "This is no HTTP/1.1: a control character or a bare LF."));
      return data.length;
    }
    const latest = Date.now() + this.#context.headMs;
    if (this.deadline === 0 || this.deadline > latest) this.deadline = latest;
    return 0;
  }

  #begin(head: RequestHead): void {
    this.deadline = 0;
    this.#accept = head.accept;
    this.#method = head.method;
    if (head.contentLength > this.#context.maxBodyBytes) {
      this.#refuse(new HamletError("body_too_large", `The body is declared as ${head.contentLength} bytes.`));
      return;
    }
    const found = this.#context.find(head);
    if (!(found instanceof Promise)) {
      this.#open(head, found);
      return;
    }
    this.#looking = true;
    found.then(
      (destination) => this.#looked(() => this.#open(head, destination)),
      (error) => this.#looked(() => this.#answerError(head, toHamletError(error))),
    );
  }

  #looked(go: () => void): void {
    this.#looking = false;
    if (this.closed) return;
    go();
    this.pump();
  }

  #open(head: RequestHead, destination: Destination | undefined): void {
    if (destination === undefined || destination.kind === "failed") {
      this.#answerError(head, new HamletError(destination?.code ?? "unknown_host"));
      return;
    }
    const origin = this.#origin(head);
    if (destination.kind === "val" && origin.hops > MAX_HOPS) {
      const error = new HamletError(
        "loop_detected",
        `A call was refused that had come through ${MAX_HOPS} vals of this town: does one fetch itself?`,
      );
      this.#context.note(destination.deployment, "", error);
      this.#answerError(head, error);
      return;
    }
    const exchange = new Exchange(
      this,
      this.#context,
      head,
      origin,
      head.keepAlive && !this.#context.stopping,
    );
    this.#exchange = exchange;
    if (destination.kind === "val") exchange.openVal(destination.deployment);
    else exchange.openInner(destination.target);
  }

  #answerError(head: RequestHead, error: HamletError): void {
    const keep = head.keepAlive && head.contentLength === 0 && !head.chunked && !this.#context.stopping;
    if (keep) {
      this.#sendError(error, undefined, "keep");
      this.deadline = Date.now() + this.#context.idleMs;
    } else this.#refuse(error);
  }

  /** Answer with an error and end the connection: what follows on it cannot be trusted to be a request. */
  #refuse(error: HamletError): void {
    this.#inbox = undefined;
    this.#lingering = 0;
    this.#sendError(error, undefined, "close");
    this.#close();
  }

  #sendError(error: HamletError, call: Answering | undefined, how: "keep" | "close"): void {
    if (error.blame === "us") this.#context.report(error);
    const close = this.#context.stopping || how === "close";
    this.send(errorResponse(error, { accept: this.#accept, method: this.#method, call, close }));
  }

  /**
   * FIN after what was sent. Where an answer broke off this is unclean on purpose: every byte arrives, and the
   * missing last chunk (or bytes of the declared length) tell the visitor that more was due.
   */
  #close(): void {
    this.#lingering = Math.max(0, this.#lingering);
    this.#inbox = undefined;
    this.resume();
    this.finish();
    this.deadline = Date.now() + LINGER_MS;
  }

  #leave(): void {
    this.close();
    this.#exchange?.onVisitorGone();
    this.#context.left(this);
  }

  #origin(head: RequestHead): Origin {
    const scheme = head.forwardedProto === "https" ? "https" : "http";
    // A val has no address, and speaks for nobody's.
    if (this.#context.short) return { scheme, client: "", address: "", host: "", hops: head.hops + 1 };
    const own = this.#address;
    if (!this.#context.isTrusted(own))
      return { scheme: "http", client: own, address: own, host: "", hops: 0 };
    const client = head.forwardedFor === "" ? own : `${head.forwardedFor}, ${own}`;
    const address = clientAddress(client, this.#context.isTrusted);
    return { scheme, client, address, host: head.forwardedHost, hops: 0 };
  }
}
