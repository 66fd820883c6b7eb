/** `oidc-provider` as this town wants it. */

import type OidcProvider from "oidc-provider";
import type { Configuration, KoaContextWithOIDC } from "oidc-provider";
import { oauthProblemPage } from "../pages/pages.ts";
import type { OAuthRecords, Users } from "../store/store.ts";
import { type TownAddress, userUrl } from "../val/address.ts";
import { OAUTH_SCOPES } from "../val/scope.ts";
import { createAdapter } from "./adapter.ts";
import { deviceFlow } from "./device.ts";
import { issuerOf } from "./discovery.ts";
import type { OAuthKeys } from "./keys.ts";
import { errors, interactionPolicy, Provider } from "./oidc.ts";
import { ALL_SCOPES, apiScopes } from "./scopes.ts";
import { show } from "./show.ts";
import { createSigner } from "./signer.ts";

const MINUTE = 60;
const DAY = 86_400;
/** The command line tool of Val Town's; it knows no other name of itself. */
export const CLI_CLIENT = "val_town_vt";
const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

export interface ProviderOptions {
  readonly town: TownAddress;
  readonly records: OAuthRecords;
  readonly users: Pick<Users, "find">;
  readonly keys: OAuthKeys;
  /** Name of the API as a resource. */
  readonly resource: string;
  /** Told of a grant that was taken back. */
  forget(grantId: string): void;
}

/** The server itself; its steps that people see are added by the others. */
export function createProvider(options: ProviderOptions): OidcProvider {
  const { town, keys } = options;
  const provider = new Provider(issuerOf(town), {
    adapter: createAdapter(options.records, options.forget),
    jwks: { keys: [keys.signing] },
    cookies: {
      names: {
        session: "hamlet_oauth",
        interaction: "hamlet_oauth_step",
        resume: "hamlet_oauth_resume",
      },
      keys: createSigner(keys.cookie),
      long: { httpOnly: true, sameSite: "lax", signed: true, path: "/oauth" },
      short: { httpOnly: true, sameSite: "lax", signed: true },
    },
    clients: [CLI],
    scopes: ALL_SCOPES,
    claims: {
      openid: ["sub"],
      profile: ["name", "preferred_username", "picture", "profile"],
      email: ["email"],
    },
    clientAuthMethods: ["none", "client_secret_basic", "client_secret_post"],
    responseTypes: ["code"],
    subjectTypes: ["public"],
    pkce: { required: () => true },
    ...LIFETIMES,
    ...interactions(),
    features: features(options),
    findAccount: createFindAccount(options),
    clientBasedCORS: () => true,
    // A client's addresses are never visited: whoever registers could point them at what only we can reach.
    fetch: () => Promise.reject(new errors.InvalidClientMetadata("nothing is fetched for clients")),
    renderError: async (ctx, out) =>
      show(
        ctx,
        oauthProblemPage(
          ctx.status,
          `The app's request cannot be answered: ${out.error_description ?? out.error}. Its maker has to mend it.`,
        ),
      ),
  });
  // Scheme and host are those that the bridge writes, which are the town's own.
  provider.proxy = true;
  return provider;
}

const CLI = {
  client_id: CLI_CLIENT,
  client_name: "vt, the command line tool of Val Town",
  application_type: "native",
  token_endpoint_auth_method: "none",
  grant_types: [DEVICE_GRANT, "refresh_token"],
  redirect_uris: [],
  response_types: [],
} as const;

const LIFETIMES = {
  ttl: {
    AccessToken: DAY,
    AuthorizationCode: MINUTE,
    DeviceCode: 10 * MINUTE,
    IdToken: 60 * MINUTE,
    Interaction: 60 * MINUTE,
    Session: 60 * MINUTE,
    RefreshToken: 90 * DAY,
    // It ends with the last of its tokens.
    Grant: 3650 * DAY,
  },
  rotateRefreshToken: true,
  // What lasts are tokens; the server's own session is there for one sign-in, whose is told by the account's.
  expiresWithSession: async () => false,
} satisfies Configuration;

/**
 * Every request is asked for, always: a client without a secret could be another one by now, and nobody's browser shall
 * be led through without a look.
 */
function interactions(): Configuration {
  return {
    interactions: {
      policy: interactionPolicy.base(),
      url: (_, interaction) => `/oauth/interaction/${interaction.uid}`,
    },
    async loadExistingGrant(ctx) {
      const grantId = ctx.oidc.result?.consent?.grantId;
      return grantId === undefined ? undefined : ctx.oidc.provider.Grant.find(grantId);
    },
  };
}

function features({ resource }: ProviderOptions): Configuration["features"] {
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    deviceFlow,
    registration: { enabled: true, initialAccessToken: false, issueRegistrationAccessToken: false },
    revocation: {
      enabled: true,
      allowedPolicy: async (_, client, token) => token.clientId === client.clientId,
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: async (ctx, _, oneOf) => oneOf?.[0] ?? (wantsApi(ctx) ? resource : undefined),
      useGrantedResource: async () => true,
      async getResourceServerInfo(_, asked) {
        if (asked !== resource) throw new errors.InvalidTarget();
        return {
          scope: OAUTH_SCOPES.join(" "),
          audience: resource,
          accessTokenFormat: "opaque",
          accessTokenTTL: DAY,
        };
      },
    },
  };
}

function wantsApi(ctx: KoaContextWithOIDC): boolean {
  const { scope } = ctx.oidc.params ?? {};
  return apiScopes(typeof scope === "string" ? scope : undefined).length > 0;
}

function createFindAccount({ users, town }: ProviderOptions): Configuration["findAccount"] {
  return async (_, accountId) => {
    const user = await users.find(accountId);
    if (user?.type !== "user" || user.suspendedAt !== null) return undefined;
    return {
      accountId,
      claims: async () => ({
        sub: accountId,
        name: user.username,
        preferred_username: user.username,
        profile: userUrl(town, user.username),
        picture: user.imageUrl ?? undefined,
        email: user.email ?? undefined,
      }),
    };
  };
}
