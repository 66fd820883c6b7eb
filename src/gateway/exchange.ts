import { type Call, clock, type Progress } from "../dispatch/dispatch.ts";
import { type ErrorCode, HamletError, toHamletError } from "../errors.ts";
import type { Target } from "../pool/types.ts";
import type { Deployment } from "../val/deployment.ts";
import { isRefusedPreflight } from "./cors.ts";
import { causeOfDeath, moveCall } from "./death.ts";
import { NO_CONTENT, type Origin, upstreamHead, visitorHead } from "./forward.ts";
import { HeadReader } from "./head-reader.ts";
import { progressOf } from "./progress.ts";
import { RequestBody } from "./request-body.ts";
import { IDEMPOTENT, type RequestHead } from "./request-head.ts";
import { ResponseBody } from "./response-body.ts";
import type { ResponseHead } from "./response-head.ts";
import { Tunnel } from "./tunnel.ts";
import type { ExchangeContext, VisitorSide } from "./types.ts";
import type { Upstream, UpstreamUser } from "./upstream.ts";

type State = "opening" | "waiting" | "relaying" | "tunnel" | "over";

/** One request and its answer, relayed between a visitor and a worker in both directions at once. */
export class Exchange implements UpstreamUser {
  readonly #visitor: VisitorSide;
  readonly #context: ExchangeContext;
  readonly #head: RequestHead;
  readonly #origin: Origin;
  readonly #keepAlive: boolean;
  readonly #start = clock();
  readonly #body: RequestBody;
  readonly #reader: HeadReader;
  #state: State = "opening";
  #call: Call | undefined;
  #upstream: Upstream | undefined;
  #response: ResponseHead | undefined;
  #answer: ResponseBody | undefined;
  #firstByte = 0;
  #atOnce = false;
  #error: ErrorCode | undefined;
  #aborted = false;
  #moved = false;
  #tunnel: Tunnel | undefined;

  constructor(
    visitor: VisitorSide,
    context: ExchangeContext,
    head: RequestHead,
    origin: Origin,
    keepAlive: boolean,
  ) {
    this.#visitor = visitor;
    this.#context = context;
    this.#head = head;
    this.#origin = origin;
    this.#keepAlive = keepAlive;
    this.#body = new RequestBody(head, context.maxBodyBytes, this.#start);
    this.#reader = new HeadReader(head, (response) => this.#passInterim(response));
  }

  /** Send it to a worker of this deployment. */
  openVal(deployment: Deployment): void {
    this.#guard(() => {
      const call = this.#context.dispatch.open(deployment, () => this.#progress());
      if (call instanceof Promise) return call.then((opened) => this.#opened(opened));
      this.#opened(call);
    });
  }

  /** Send it to a server of ours. */
  openInner(target: Target): void {
    this.#reader.ours = true;
    this.#connect(target, false);
  }

  /** The worker takes no more for now. */
  get congested(): boolean {
    return this.#upstream?.congested ?? false;
  }

  /** @returns bytes used; the rest is not of this request, or cannot be taken yet. */
  onVisitorData(data: Buffer): number {
    if (this.#tunnel !== undefined) return this.#tunnel.fromVisitor(data);
    if (this.#upstream === undefined || this.#state === "over") return 0;
    try {
      const used = this.#body.feed(data, this.#upstream);
      if (used > 0 && this.#state === "waiting") this.#expectAnswer();
      return used;
    } catch (error) {
      this.#fail(toHamletError(error));
      return data.length;
    }
  }

  onVisitorFlushed(): void {
    this.#upstream?.resume();
  }

  onVisitorCongested(): void {
    this.#upstream?.pause();
  }

  onVisitorGone(): void {
    if (this.#state === "over") return;
    this.#aborted = true;
    if (this.#state === "tunnel") this.#upstream = this.#upstream?.leave();
    this.#finish();
  }

  onDeadline(): void {
    this.#fail(new HamletError("no_answer", `No answer within ${this.#context.firstByteMs} ms.`));
  }

  onUpstreamData(data: Buffer): void {
    if (this.#state === "over") return;
    this.#guard(() => {
      if (this.#state === "relaying") this.#relay(data);
      else if (this.#tunnel !== undefined) this.#tunnel.fromWorker(data);
      else this.#readHead(data);
    });
    if (this.#visitor.congested) this.#upstream?.pause();
  }

  onUpstreamFlushed(): void {
    this.#visitor.pump();
  }

  onUpstreamCongested(): void {
    this.#visitor.pause();
  }

  onUpstreamGone(): void {
    if (this.#state === "over") return;
    if (this.#state === "tunnel") {
      this.#finish();
      this.#visitor.exchangeEnded("close");
      return;
    }
    this.#answer?.closed(this.#visitor);
    if (this.#answer?.done) this.#completed();
    else this.#lost();
  }

  /** Whatever goes wrong in `action` becomes this exchange's failure. */
  #guard(action: () => void | Promise<void>): void {
    try {
      action()?.catch((error) => this.#fail(toHamletError(error)));
    } catch (error) {
      this.#fail(toHamletError(error));
    }
  }

  #opened(call: Call): void {
    this.#call = call;
    if (this.#state === "over") call.end();
    else this.#connect(call.target, false);
  }

  #connect(target: Target, fresh: boolean): void {
    const upstream = this.#context.upstreams.acquire(target, fresh);
    if (upstream instanceof Promise)
      upstream.then(
        (made) => this.#connected(made),
        (error) => this.#guard(() => this.#move(toHamletError(error))),
      );
    else this.#connected(upstream);
  }

  async #move(error: HamletError): Promise<void> {
    if (this.#moved) throw error;
    this.#moved = true;
    this.#connect(await moveCall(this.#call, error), false);
  }

  #connected(upstream: Upstream): void {
    if (this.#state === "over") {
      upstream.destroy();
      return;
    }
    this.#upstream = upstream;
    upstream.user = this;
    this.#state = "waiting";
    this.#expectAnswer();
    upstream.send(upstreamHead(this.#head, this.#origin, this.#call?.trace, this.#body.framing));
    if (!this.#body.done) {
      if (this.#head.expectContinue) this.#visitor.send("HTTP/1.1 100 Continue\r\n\r\n");
      this.#visitor.pump();
    }
  }

  /** Our own servers take their time: a save waits for its build. */
  #expectAnswer(): void {
    if (this.#call !== undefined) this.#visitor.deadline = Date.now() + this.#context.firstByteMs;
  }

  #readHead(data: Buffer): void {
    const read = this.#reader.read(data, this.#upstream!);
    if (read !== undefined) this.#begin(read.response, read.rest);
  }

  /** 100 is ours to say; the others (103 Early Hints) are the val's word to the visitor. */
  #passInterim(response: ResponseHead): void {
    if (response.status === 100 || this.#head.minor === 0) return;
    this.#visitor.send(`HTTP/1.1 ${response.status} ${response.reason}\r\n${response.fields}\r\n`);
  }

  #begin(response: ResponseHead, body: Buffer): void {
    const refused = this.#call !== undefined && isRefusedPreflight(this.#head, response);
    const framing = refused ? ({ kind: "none" } as const) : response.framing;
    const answer = new ResponseBody(framing, this.#head.minor, this.#start);
    this.#firstByte = clock();
    this.#visitor.deadline = 0;
    this.#response = response;
    this.#answer = answer;
    const close = !this.#keepAlive || answer.endsByClose;
    this.#visitor.send(
      visitorHead(this.#head, refused ? NO_CONTENT : response, this.#call, answer.framing, close),
    );
    if (response.status === 101) {
      this.#state = "tunnel";
      this.#tunnel = new Tunnel(this.#visitor, this.#upstream!);
      if (body.length > 0) this.#tunnel.fromWorker(body);
      this.#visitor.pump();
      return;
    }
    this.#state = "relaying";
    this.#atOnce = true;
    if (refused) this.#settle(false);
    else this.#relay(body);
    this.#atOnce = false;
  }

  #relay(data: Buffer): void {
    const answer = this.#answer!;
    const used = answer.feed(data, this.#visitor);
    if (answer.done) this.#settle(used === data.length);
  }

  /** The answer is whole. A connection with stray bytes, or whose request is unfinished, is not used again. */
  #settle(clean: boolean): void {
    const upstream = this.#upstream!;
    if (clean && this.#body.done && this.#response!.reusable && !upstream.congested) {
      this.#upstream = undefined;
      this.#context.upstreams.release(upstream);
    }
    this.#completed();
  }

  #completed(): void {
    this.#finish();
    const keep = this.#keepAlive && this.#body.done && !this.#answer!.endsByClose;
    this.#visitor.exchangeEnded(keep ? "keep" : "close");
  }

  /**
   * Lost before the answer's end. A kept connection may have been closed just now, which is nobody's failure: ask once
   * more, unless the worker may have acted on it (RFC 9110 §9.2.2).
   */
  #lost(): void {
    const { target, reused } = this.#upstream!;
    const again = reused && IDEMPOTENT.test(this.#head.method) && this.#body.bytes === 0;
    this.#upstream = undefined;
    if (again && this.#state === "waiting" && this.#reader.empty) this.#connect(target, true);
    else causeOfDeath(this.#call, this.#answer !== undefined).then((cause) => this.#fail(cause));
  }

  #fail(error: HamletError): void {
    if (this.#state === "over") return;
    const started = this.#response !== undefined;
    const call = this.#call;
    this.#error = error.code;
    if (call !== undefined && error.blame === "author" && error.code !== "val_threw") {
      this.#context.note(call.deployment, call.trace, error);
    }
    this.#finish();
    const how = this.#keepAlive && this.#body.done && !started ? "keep" : "close";
    if (started) this.#visitor.exchangeEnded(how);
    else this.#visitor.exchangeFailed(error, call, how);
  }

  #finish(): void {
    this.#state = "over";
    this.#visitor.deadline = 0;
    this.#upstream?.destroy();
    this.#call?.end();
  }

  #progress(): ReturnType<Progress> {
    return progressOf(this.#head, this.#origin, {
      start: this.#start,
      firstByte: this.#firstByte,
      over: this.#state === "over",
      error: this.#error,
      aborted: this.#aborted,
      body: this.#body,
      response: this.#response,
      answer: this.#answer,
      atOnce: this.#atOnce,
      tunnel: this.#tunnel,
    });
  }
}
