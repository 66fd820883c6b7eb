/** What a client may ask for: of a person's identity, and of the API. */

import type { TownAddress } from "../val/address.ts";
import { apiUrl, appUrl } from "../val/address.ts";
import { IDENTITY_SCOPES, OAUTH_SCOPES, type OAuthScope } from "../val/scope.ts";

/** Every scope that is offered. */
export const ALL_SCOPES = [...IDENTITY_SCOPES, ...OAUTH_SCOPES] as const;

const LEGACY: Readonly<Record<string, OAuthScope>> = { val_r: "project_r", val_rw: "project_rw" };

/** A list of scopes as a client sent it, the old names of Val Town's replaced by those of today. */
export function renameScopes(text: string): string {
  return [...new Set(text.split(" ").map((scope) => LEGACY[scope] ?? scope))].join(" ");
}

/** Those of a list that mean something here. */
export function knownScopes(text: string | undefined): string[] {
  const asked = new Set(text?.split(" "));
  return ALL_SCOPES.filter((scope) => asked.has(scope));
}

/** Those that let a client use the API. */
export function apiScopes(text: string | undefined): OAuthScope[] {
  const asked = new Set<string>(text?.split(" "));
  return OAUTH_SCOPES.filter((scope) => asked.has(scope));
}

/** The API as a resource of which there is one, by whatever address a client knows it (RFC 8707). */
export function createResource(town: TownAddress, more: readonly string[]) {
  const id = apiUrl(town);
  const origins = [id, appUrl(town), ...more];
  const known = new Set(origins.flatMap((origin) => [origin, `${origin}/api`]));
  return {
    id,
    /** The same for every address of the API; another resource stays as it is. */
    normalise: (resource: string) => (known.has(resource.replace(/\/$/, "")) ? id : resource),
  };
}
