import type { OAuthGrant } from "./oauth.ts";

/** Names of clients that did not register. */
const BUILT_IN: Readonly<Record<string, string>> = { val_town_vt: "vt" };

/** What a grant says of its client, which is the client's own claim, and of what was allowed. */
export function describeGrant({ clientId, payload, client }: OAuthGrant): {
  readonly name: string | undefined;
  readonly url: string | undefined;
  /** As OAuth clients spell them. */
  readonly scopes: string[];
} {
  const openid = payload.openid as { scope?: string } | undefined;
  return {
    name: textOf(client?.client_name) ?? BUILT_IN[clientId],
    url: textOf(client?.client_uri),
    scopes: openid?.scope?.split(" ") ?? [],
  };
}

const textOf = (value: unknown) => (typeof value === "string" ? value : undefined);
