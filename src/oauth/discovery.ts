/** Where clients read what this server is and what it protects. */

import { apiUrl, appUrl, type TownAddress } from "../val/address.ts";
import { OAUTH_SCOPES } from "../val/scope.ts";

const SERVER = /^\/\.well-known\/(?:oauth-authorization-server|openid-configuration)(?:\/oauth)?$/;
const RESOURCE = /^\/\.well-known\/oauth-protected-resource(|\/api)$/;

/** The issuer of a town's tokens. */
export function issuerOf(town: TownAddress): string {
  return `${appUrl(town)}/oauth`;
}

/** Whether this is where the server's own metadata is looked for, on the host or by its issuer (RFC 8414 §3.1). */
export const isServerMetadata = (path: string) => SERVER.test(path);

/**
 * The API as a protected resource (RFC 9728); undefined when something else is asked for. A client compares `resource`
 * with the address it came by.
 * @param origin of the request, when it is one of ours
 */
export function resourceMetadata(town: TownAddress, origin: string, path: string): object | undefined {
  const suffix = RESOURCE.exec(path)?.[1];
  if (suffix === undefined) return undefined;
  return {
    resource: `${origin}${suffix}`,
    authorization_servers: [issuerOf(town)],
    scopes_supported: OAUTH_SCOPES,
    bearer_methods_supported: ["header"],
    resource_name: "Hamlet",
    resource_documentation: `${apiUrl(town)}/documentation`,
  };
}

/** The origin by which a request came, if it is one of the API's; else the API's own. */
export function originOf(town: TownAddress, more: readonly string[], host: string): string {
  const known = [appUrl(town), apiUrl(town), ...more];
  return known.find((origin) => new URL(origin).host === host) ?? apiUrl(town);
}
