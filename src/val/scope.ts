/** What a token may do. The part before the colon is what it is about; `write` includes `read`. */

/** Every scope there is, and what a token has unless it was made with fewer. */
export const SCOPES = [
  "val:read",
  "val:write",
  "user:read",
  "user:write",
  "blob:read",
  "blob:write",
  "sqlite:read",
  "sqlite:write",
  "email:read",
  "email:write",
  "telemetry:read",
] as const;

/** One permission of a token. */
export type Scope = (typeof SCOPES)[number];

/** The names that OAuth clients of Val Town use: `project_rw`, `user_r`, … (https://docs.val.town/reference/oauth). */
const OAUTH = /^(project|user|blob|sqlite|email|telemetry)_(rw?)$/;

/** What an OAuth client may ask for. Changing the account is not among it: tokens and passwords are for the person. */
export const OAUTH_SCOPES = [
  "project_r",
  "project_rw",
  "user_r",
  "blob_r",
  "blob_rw",
  "sqlite_r",
  "sqlite_rw",
  "email_r",
  "email_rw",
  "telemetry_r",
] as const;

/** About who someone is, and `offline_access`: to go on without them. */
export const IDENTITY_SCOPES = ["openid", "offline_access", "profile", "email"] as const;

/** A scope as OAuth clients spell it. */
export type OAuthScope = (typeof OAUTH_SCOPES)[number];

/** Whether a token with these scopes may do what needs `scope`. */
export function permits(scopes: readonly string[], scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes(scope.replace(":read", ":write"));
}

/** Scopes from a list separated by commas or spaces, in either spelling; undefined when one is unknown. */
export function parseScopes(text: string): Scope[] | undefined {
  const scopes = new Set<Scope>();
  for (const word of text.split(/[\s,]+/).filter((part) => part !== "")) {
    const [, area, access] = OAUTH.exec(word) ?? [];
    const name =
      area === undefined ? word : `${area.replace("project", "val")}:${access === "r" ? "read" : "write"}`;
    const scope = SCOPES.find((known) => known === name);
    if (scope === undefined) return undefined;
    scopes.add(scope);
  }
  return [...scopes];
}
