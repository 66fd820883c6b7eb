/** A town with its OAuth server in process, browsers that visit it, and clients that sign in. */

import { join } from "node:path";
import * as openid from "openid-client";
import { createLog } from "../../src/log.ts";
import { createOAuth, type OAuth } from "../../src/oauth/oauth.ts";
import { assetResponse } from "../../src/pages/pages.ts";
import { createSites, type Site } from "../../src/sites.ts";
import type { TownAddress } from "../../src/val/address.ts";
import { SCOPES } from "../../src/val/scope.ts";
import { makeTown, type Town } from "./town.ts";

export const APP = "http://localhost:3000";
export const API = "http://api.localhost:3000";
export const CLI = "val_town_vt";
export const CLI_SCOPE = "openid offline_access project_rw user_r telemetry_r";
export const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
/** Where a client of the tests gets its answers. */
export const CALLBACK = "https://app.example/callback";

type Params = Readonly<Record<string, string>>;

/** A town whose people are signed in on a browser by a cookie `me` with their name. */
export async function makeOAuthTown(port = 3000): Promise<OAuthTown> {
  const made = new OAuthTown(await makeTown(), port);
  await made.restart();
  return made;
}

export class OAuthTown implements AsyncDisposable {
  readonly town: Town;
  /** The clock by which calls are counted. */
  now = Date.now();
  readonly #address: TownAddress;
  #oauth: OAuth | undefined;
  #site!: Site;

  constructor(town: Town, port: number) {
    this.town = town;
    this.#address = {
      scheme: "http:",
      domain: "localhost",
      webDomain: "web.localhost",
      mailDomain: "mail.example",
      port: `:${port}`,
    };
  }

  /** The server anew, on the same data. */
  async restart(): Promise<void> {
    await this.#oauth?.close();
    const { store, folder, auth, ann, bob } = this.town;
    const people: Params = { ann: ann.id, bob: bob.id };
    this.#oauth = createOAuth({
      ...{ store, folder, town: this.#address, socketPath: join(folder, "oauth.sock") },
      now: () => this.now,
      async identify(cookie) {
        const userId = people[/\bme=(\w+)/.exec(cookie)?.[1] ?? ""];
        if (userId === undefined) return undefined;
        return auth.vouch({ userId, tokenId: `session of ${userId}`, kind: "session", scopes: SCOPES });
      },
      forget: auth.forgetGrant,
      log: createLog({ json: false }),
    });
    const nothing = { fetch: () => new Response(null, { status: 404 }) };
    const assets = { fetch: ({ url }: Request) => assetResponse(new URL(url).pathname) ?? nothing.fetch() };
    this.#site = createSites({
      ...{ town: this.#address, moduleHosts: [], modules: nothing, accounts: assets },
      ...{ api: this.town.api, oauth: this.#oauth },
    });
  }

  answer = async (request: Request): Promise<Response> => this.#site.fetch(request);

  /** As the inner server would be asked. */
  fetch = async (url: string | URL, init: RequestInit = {}): Promise<Response> =>
    this.#site.fetch(new Request(String(url), { redirect: "manual", ...init }));

  post(path: string, form: Params | URLSearchParams, headers: Params = {}): Promise<Response> {
    return this.fetch(APP + path, { method: "POST", body: new URLSearchParams(form), headers });
  }

  /** What a token is answered on a path of the API. */
  async me(token: string, path = "/v1/me", method = "GET"): Promise<Response> {
    return this.fetch(API + path, { method, headers: { authorization: `Bearer ${token}` } });
  }

  /** As `vt` does it. */
  client(id = CLI, secret?: string): Promise<openid.Configuration> {
    return openid.discovery(
      new URL(`${APP}/oauth`),
      id,
      secret,
      secret === undefined ? openid.None() : openid.ClientSecretBasic(secret),
      {
        execute: [openid.allowInsecureRequests],
        [openid.customFetch]: (url, init) => this.fetch(url, init as RequestInit),
      },
    );
  }

  /** Registers a client; what is sent is merged over a usual one. */
  register(metadata: object = {}, address = "203.0.113.1"): Promise<Response> {
    const usual = {
      client_name: "An app",
      redirect_uris: [CALLBACK],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
    };
    return this.fetch(`${APP}/oauth/reg`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-hamlet-client": address },
      body: JSON.stringify({ ...usual, ...metadata }),
    });
  }

  async registered(metadata: object = {}): Promise<string> {
    const answer = await this.register(metadata, crypto.randomUUID());
    const body = (await answer.json()) as { client_id: string };
    if (answer.status !== 201) throw new Error(JSON.stringify(body));
    return body.client_id;
  }

  browser(me?: string): Browser {
    return new Browser(this.fetch, me);
  }

  /** Signs `ann` in with a registered client; gives what the client gets. */
  async signIn(scope: string, { me = "ann", ...more }: Params = {}) {
    const config = await this.client(await this.registered());
    const verifier = openid.randomPKCECodeVerifier();
    const url = openid.buildAuthorizationUrl(config, {
      ...{ redirect_uri: CALLBACK, scope, state: "s", code_challenge_method: "S256" },
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      ...more,
    });
    const back = await this.browser(me).allow(url.href);
    const checks = { pkceCodeVerifier: verifier, expectedState: "s" };
    return { config, tokens: await openid.authorizationCodeGrant(config, new URL(back), checks) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#oauth?.close();
    await this.town[Symbol.asyncDispose]();
  }
}

/** A page as a browser without scripts sees it. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export class Browser {
  readonly #cookies = new Map<string, { value: string; path: string }>();
  readonly #fetch: (url: string, init: RequestInit) => Promise<Response>;

  readonly #app: string;

  constructor(fetch: (url: string, init: RequestInit) => Promise<Response>, me?: string, app = APP) {
    this.#fetch = fetch;
    this.#app = app;
    if (me !== undefined) this.signIn(me);
  }

  signIn(me: string): void {
    this.#cookies.set("me", { value: me, path: "/" });
  }

  /** Goes there, and on through redirects of the town's own; another's is where it stops. */
  async open(url: string, init: RequestInit = {}): Promise<Page> {
    if (new URL(url, this.#app).origin !== this.#app)
      return { url, status: 0, headers: new Headers(), text: "" };
    const { href, pathname } = new URL(url, this.#app);
    const cookie = [...this.#cookies]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join("; ");
    const answer = await this.#fetch(href, {
      ...init,
      headers: { cookie, accept: "text/html", ...init.headers },
    });
    for (const line of answer.headers.getSetCookie()) this.#keep(line);
    const text = await answer.text();
    const location = answer.headers.get("location");
    if (location !== null) return this.open(new URL(location, href).href);
    const refresh = /^0; url=(.+)$/.exec(answer.headers.get("refresh") ?? "")?.[1];
    if (refresh !== undefined) return this.open(refresh);
    return { url: href, status: answer.status, headers: answer.headers, text };
  }

  /** Fills in and sends the form of a page. */
  submit(page: Page, fields: Params, headers: Params = {}): Promise<Page> {
    const action = /<form[^>]* method="post" action="([^"]+)"/.exec(page.text)?.[1];
    if (action === undefined) throw new Error(`There is no form: ${page.status} ${page.text}`);
    const hidden = [...page.text.matchAll(/<input(?: type="hidden")? name="(\w+)" value="([^"]*)"/g)];
    const form = new URLSearchParams();
    for (const [, name = "", value = ""] of hidden) form.set(name, value);
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    const told = { origin: this.#app, "sec-fetch-site": "same-origin", ...headers };
    return this.open(action, { method: "POST", body: form, headers: told });
  }

  /** Asked for it, allows it; gives the address at which that ends. */
  async allow(url: string): Promise<string> {
    return (await this.submit(await this.open(url), { answer: "allow" })).url;
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split(/;\s*/);
    const [name = "", value = ""] = pair.split("=");
    const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? "/";
    if (value === "") this.#cookies.delete(name);
    else this.#cookies.set(name, { value, path });
  }
}
