/** What is this town called, by which hosts is it reached, and what of it does a val find in its environment? */

import type { Auth } from "./auth/auth.ts";
import type { Config } from "./config.ts";
import type { Log } from "./log.ts";
import type { Entry } from "./pool/types.ts";
import { apiUrl, type TownAddress } from "./val/address.ts";
import type { Deployment } from "./val/deployment.ts";

/** Val Town's own API host: what asks there finds this town's. */
const VAL_TOWN_API = "api.val.town";

/** As seen from outside, given the port that was bound. */
export function townAddress(config: Config, port: number, second?: number): TownAddress {
  const { domain, webDomain, mailDomain } = config;
  const apiPort = second === undefined ? {} : { apiPort: `:${second}` };
  if (config.publicUrl === undefined)
    return { scheme: "http:", domain, webDomain, mailDomain, port: `:${port}`, ...apiPort };
  const url = new URL(config.publicUrl);
  return {
    scheme: url.protocol,
    domain: url.hostname,
    webDomain,
    mailDomain,
    port: url.port === "" ? "" : `:${url.port}`,
    ...apiPort,
  };
}

/** Where the API is found at the second port, if there is one. */
export function secondOrigins(config: Config, { domain, apiPort }: TownAddress): string[] {
  if (apiPort === undefined) return [];
  return [...new Set([domain, config.domain])].map((name) => `http://${name}${apiPort}`);
}

/** Hosts that lead to the app and the API. */
export function appHosts(config: Config, town: TownAddress): string[] {
  const names = [config.domain, town.domain].flatMap((domain) => [domain, `api.${domain}`]);
  return [...names, VAL_TOWN_API, config.host, "127.0.0.1", "[::1]"];
}

/** Hosts that lead to the module host. */
export function moduleHosts(config: Config, town: TownAddress): string[] {
  return [`esm.${config.domain}`, `esm.${town.domain}`, new URL(config.moduleOrigin).hostname];
}

/** Val Town's variables (https://docs.val.town/reference/environment-variables), with a token for each worker. */
export function platformVariables(
  auth: Auth,
  town: () => TownAddress,
  moduleOrigin: string,
): (deployment: Deployment) => Entry {
  const { host } = new URL(moduleOrigin);
  return (deployment) => {
    const { token, revoke } = auth.mint(deployment);
    const api = apiUrl(town());
    const env = {
      valtown: token,
      VAL_TOWN_API_KEY: token,
      VALTOWN_ENTRYPOINT: deployment.module,
      DENO_AUTH_TOKENS: `${token}@${host}`,
      VALTOWN_API_URL: api,
      VAL_TOWN_BASE_URL: api,
    };
    return { env, leave: revoke };
  };
}

/** On one machine all names end in `localhost`, and nobody else's browser holds its cookies. */
export function warnOfSharedDomain({ domain, webDomain }: Config, log: Log): void {
  if (domain === "localhost" || !`.${webDomain}`.endsWith(`.${domain}`)) return;
  log.warn(
    `The vals' endpoints lie below the app's own domain ${domain}, so that a val can set cookies for the app. Choose another registrable domain with --web-domain.`,
  );
}
