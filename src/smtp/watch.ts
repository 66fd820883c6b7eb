/** Which connections go on too long without getting anywhere? One that sends a byte now and then is not idle, but stuck. */

import type { SMTPServer } from "smtp-server";
import type { MailLimits } from "./types.ts";

export interface Watched {
  /** When it last came a step forward. */
  stepAt: number;
  /** Since the last mail. */
  commands: number;
  /** Recipients that were refused. */
  refused: number;
  readonly network: string;
}

type Limits = Pick<MailLimits, "stepMs" | "lookMs" | "commands" | "connectionsPerNetwork">;

export class Watch {
  readonly #of = new Map<string, Watched>();
  readonly #networks = new Map<string, number>();
  readonly #limits: Limits;
  readonly #now: () => number;
  #server: SMTPServer | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(limits: Limits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  start(server: SMTPServer): void {
    this.#server = server;
    this.#timer = setInterval(() => this.look(), this.#limits.lookMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** False when its network has too many already. */
  opened(id: string, network: string): boolean {
    const count = this.#networks.get(network) ?? 0;
    if (count >= this.#limits.connectionsPerNetwork) return false;
    this.#networks.set(network, count + 1);
    this.#of.set(id, { stepAt: this.#now(), commands: 0, refused: 0, network });
    return true;
  }

  closed(id: string): void {
    const watched = this.#of.get(id);
    if (watched === undefined) return;
    this.#of.delete(id);
    const count = this.#networks.get(watched.network)! - 1;
    if (count > 0) this.#networks.set(watched.network, count);
    else this.#networks.delete(watched.network);
  }

  get(id: string): Watched | undefined {
    return this.#of.get(id);
  }

  step(id: string): void {
    const watched = this.#of.get(id);
    if (watched !== undefined) watched.stepAt = this.#now();
  }

  mailEnded(id: string): void {
    const watched = this.#of.get(id);
    if (watched !== undefined) Object.assign(watched, { commands: 0, stepAt: this.#now() });
  }

  /** A command came. */
  command(id: string): void {
    const watched = this.#of.get(id);
    if (watched === undefined) return;
    watched.commands += 1;
    if (watched.commands > this.#limits.commands) this.end(id, "4.7.0 Too many commands without a mail");
  }

  /** End what got nowhere in time. */
  look(): void {
    const before = this.#now() - this.#limits.stepMs;
    for (const [id, { stepAt }] of this.#of)
      if (stepAt < before) this.end(id, "4.4.2 Timeout: this takes too long");
  }

  /** For a code other than 421 the peer need not come again. */
  end(id: string, text: string, code = 421): void {
    for (const connection of this.#server?.connections ?? []) {
      if (connection.id !== id) continue;
      connection.send(code, text);
      connection.close();
    }
  }
}
