/** What clients send, in the one form that the server behind is asked with. */

import { renameScopes } from "./scopes.ts";

/** A request that is refused before it is passed on. */
export interface Refusal {
  readonly error: string;
  readonly error_description: string;
}

/** Metadata that would make us visit an address of the client's choice. */
const VISITED = ["sector_identifier_uri", "jwks_uri", "request_uris", "backchannel_logout_uri"];
const MAX_REDIRECTS = 20;

/** Every spelling of the API's address is one resource; the scopes of old have the names of today. */
export function reshapeParams(params: URLSearchParams, normalise: (resource: string) => string): void {
  const resources = new Set(params.getAll("resource").map(normalise));
  params.delete("resource");
  for (const resource of resources) params.append("resource", resource);
  const scopes = params.getAll("scope");
  if (scopes.length === 1) params.set("scope", renameScopes(scopes[0]!));
}

/**
 * A person is asked each time, whatever a client thinks: saying so is what lets it have a refresh token
 * (OpenID Connect Core §11).
 */
export function reshapeAuthorization(params: URLSearchParams): void {
  if (!params.has("prompt")) params.set("prompt", "consent");
}

/** A registration (RFC 7591), as JSON. */
export function reshapeRegistration(text: string): string | Refusal {
  const metadata = parse(text);
  if (metadata === undefined) return invalid("The body is a JSON object with the client's metadata");
  const { redirect_uris: uris, scope } = metadata;
  if (!isStrings(uris) || uris.length === 0) return invalid("redirect_uris must be a list of URLs");
  if (uris.length > MAX_REDIRECTS) return invalid(`redirect_uris may have ${MAX_REDIRECTS} URLs`);
  const visited = VISITED.find((name) => metadata[name] !== undefined);
  if (visited !== undefined) return invalid(`${visited} is not supported: nothing is fetched for clients`);
  return JSON.stringify({
    ...metadata,
    // Of native clients http is taken to loopback addresses alone, and links to programs.
    application_type: uris.every((uri) => uri.startsWith("https://")) ? "web" : "native",
    scope: typeof scope === "string" ? renameScopes(scope) : scope,
  });
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

const invalid = (text: string): Refusal => ({ error: "invalid_client_metadata", error_description: text });
