/** A town with accounts in this process, and browsers that keep its cookies. */

import { type Accounts, createAccounts } from "../../src/accounts/accounts.ts";
import { createApi } from "../../src/api/api.ts";
import { type Auth, createAuth } from "../../src/auth/auth.ts";
import type { Log } from "../../src/log.ts";
import type { Letter } from "../../src/services/email.ts";
import { createSites, type Site } from "../../src/sites.ts";
import type { TownAddress } from "../../src/val/address.ts";
import { makeTown, type Town } from "./town.ts";

export interface LivedInOptions {
  readonly signUp?: "open" | "invite" | "closed";
  readonly address?: Partial<TownAddress>;
  /** Without a relay, what a letter would say is in the log. */
  readonly relay?: boolean;
}

const ADDRESS: TownAddress = {
  scheme: "http:",
  domain: "localhost",
  webDomain: "web.localhost",
  mailDomain: "mail.example",
  port: ":3000",
};
const PASSWORD = "correct horse";

/** Makes it, with the users ann (who runs it) and Bob; goes with the scope. */
export async function makeLivedIn(options: LivedInOptions = {}): Promise<LivedIn> {
  return new LivedIn(await makeTown(), options);
}

export class LivedIn implements AsyncDisposable {
  readonly town: Town;
  readonly accounts: Accounts;
  readonly auth: Auth;
  readonly site: Site;
  readonly letters: Letter[] = [];
  /** What the operator is told. */
  readonly lines: string[] = [];
  readonly origin: string;
  /** Which vals are served no more. */
  readonly removed: string[] = [];
  #arrived: (() => void)[] = [];

  constructor(town: Town, { signUp = "open", address = {}, relay = true }: LivedInOptions) {
    this.town = town;
    const { store, blobs, sqlite } = town;
    const place = { ...ADDRESS, ...address };
    this.origin = `${place.scheme}//${place.domain}${place.port}`;
    const say = (text: string) => {
      this.lines.push(text);
      this.#arrive();
    };
    const log = { info: say, warn: say, error: say } as unknown as Log;
    this.auth = createAuth({ ...store, session: (request) => this.accounts.session(request) });
    const deploy = {
      saved: async () => undefined,
      configured: async () => {},
      addressed: async () => {},
      serves: async () => false,
      removed: async (valId: string) => void this.removed.push(valId),
    };
    const services = { blobs, sqlite };
    const common = { store, auth: this.auth, town: place, log };
    const notify = async (letter: Letter) => {
      if (!relay) return false;
      this.letters.push(letter);
      this.#arrive();
      return true;
    };
    this.accounts = createAccounts({
      ...{
        ...common,
        signUp,
        secret: "a secret of the test that is long enough 0123456789",
        email: { notify, hasRelay: relay },
      },
    });
    const confirmEmail = this.accounts.confirmEmail;
    const api = createApi({ ...common, deploy, services, confirmEmail, recheckMs: 20 });
    const modules = { fetch: () => new Response("a module") };
    this.site = createSites({
      town: place,
      moduleHosts: ["esm.localhost"],
      modules,
      api,
      accounts: this.accounts,
    });
  }

  /** A browser at an address of its own. */
  browser(address = "192.0.2.1"): Browser {
    return new Browser(this, address);
  }

  /** A browser in which somebody has just made an account. */
  async newcomer(username: string, address = `10.0.0.${username.length}`): Promise<Browser> {
    const browser = this.browser(address);
    const answer = await browser.submit("/auth/sign-up", { username, password: PASSWORD });
    if (answer.status !== 303)
      throw new Error(`Signing up was answered ${answer.status}: ${await answer.text()}`);
    return browser;
  }

  /** The link in the newest letter, or else in the newest line of the log, once there is one. */
  async link(): Promise<string> {
    for (;;) {
      const text = this.letters.at(-1)?.text ?? this.lines.at(-1) ?? "";
      const link = /https?:\/\/\S+/.exec(text)?.[0];
      if (link !== undefined) return link.slice(this.origin.length);
      await new Promise<void>((resolve) => this.#arrived.push(resolve));
    }
  }

  #arrive(): void {
    for (const tell of this.#arrived.splice(0)) tell();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.accounts.close();
    await this.town[Symbol.asyncDispose]();
  }
}

/** Keeps cookies and says where its requests come from, as a browser does. */
export class Browser {
  static readonly password = PASSWORD;
  readonly #home: LivedIn;
  readonly #address: string;
  readonly cookies = new Map<string, string>();
  /** As they were set. */
  readonly received: string[] = [];

  constructor(home: LivedIn, address: string) {
    this.#home = home;
    this.#address = address;
  }

  get cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.cookies.size > 0 && !headers.has("cookie")) headers.set("cookie", this.cookie);
    headers.set("x-hamlet-client", this.#address);
    const url = path.startsWith("http") ? path : this.#home.origin + path;
    const answer = await this.#home.site.fetch(new Request(url, { ...init, headers }));
    for (const line of answer.headers.getSetCookie()) this.#keep(line);
    return answer;
  }

  /** What a page's own script reads. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
  async json(path: string): Promise<any> {
    return (await this.fetch(path)).json();
  }

  /** Sends a form from the app's own page. */
  submit(path: string, fields: Readonly<Record<string, string>>, headers: Record<string, string> = {}) {
    return this.fetch(path, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { origin: this.#home.origin, ...headers },
    });
  }

  /** Sends JSON from the app's own page. */
  send(method: string, path: string, json: unknown, headers: Record<string, string> = {}) {
    const type = { "content-type": "application/json", origin: this.#home.origin };
    return this.fetch(path, { method, body: JSON.stringify(json), headers: { ...type, ...headers } });
  }

  signIn(name: string, password = PASSWORD) {
    return this.submit("/auth/sign-in", { name, password });
  }

  #keep(line: string): void {
    this.received.push(line);
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/max-age=0/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
