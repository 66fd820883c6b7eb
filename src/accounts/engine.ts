/** better-auth as it is used here: who signs in with what, sessions and their cookies, passkeys. */

import { passkey } from "@better-auth/passkey";
import { betterAuth } from "better-auth";
import { APIError } from "better-auth/api";
import { username } from "better-auth/plugins/username";
import { hashPassword, PASSWORD_LENGTH, PasswordsBusyError, verifyPassword } from "../auth/auth.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";
import { appUrl, type TownAddress } from "../val/address.ts";
import { MAX_USERNAME, USERNAME } from "../val/name.ts";
import { CLIENT } from "../wire/headers.ts";
import type { Windows } from "./limits.ts";
import { hasSecureCookies } from "./origin.ts";

export interface EngineOptions {
  readonly store: Store;
  readonly town: TownAddress;
  readonly secret: string;
  readonly limits: Windows;
  readonly log?: Log;
}

const DAY = 24 * 60 * 60;

/** Make it. Its tables are there already (migration 0007), and people are made by `store.accounts` alone. */
export function createEngine(options: EngineOptions) {
  const { store, town, secret, limits, log } = options;
  const secure = hasSecureCookies(town);
  const cookie = (name: string) => ({ name: `${secure ? "__Host-" : ""}hamlet_${name}` });
  return betterAuth({
    appName: "Hamlet",
    baseURL: appUrl(town),
    basePath: "/api/auth",
    // Given so that no variable of the environment can take its place.
    secrets: [{ version: 1, value: secret }],
    secret,
    database: store.authDatabase,
    telemetry: { enabled: false },
    logger: { log: (level, message) => level === "error" && log?.error(message) },
    user: { modelName: "auth_user" },
    session: { modelName: "auth_session", expiresIn: 30 * DAY, updateAge: DAY },
    account: { modelName: "auth_account" },
    verification: { modelName: "auth_verification" },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_LENGTH.least,
      maxPasswordLength: PASSWORD_LENGTH.most,
      password: {
        hash: (password) => hashPassword(password).catch(tellBusy),
        verify: ({ password, hash }) => verifyPassword(password, hash).catch(tellBusy),
      },
    },
    // Each request is held against the app's own origin before it comes here, whatever port that is seen at.
    trustedOrigins: (request) => [request?.headers.get("origin")],
    rateLimit: { enabled: true, window: 10, max: 100, customStorage: limits },
    databaseHooks: { session: { create: sessionHooks(store) } },
    plugins: [
      username({
        minUsernameLength: 1,
        maxUsernameLength: MAX_USERNAME,
        usernameValidator: (name) => USERNAME.test(name),
      }),
      passkeys(town),
    ],
    advanced: {
      useSecureCookies: false,
      defaultCookieAttributes: { secure, httpOnly: true, sameSite: "lax", path: "/" },
      cookies: {
        session_token: cookie("session"),
        session_data: cookie("session_data"),
        dont_remember: cookie("short"),
        [CHALLENGE]: cookie(CHALLENGE),
      },
      ipAddress: { ipAddressHeaders: [CLIENT], ipv6Subnet: 64 },
      database: { generateId: () => Bun.randomUUIDv7() },
      disableCSRFCheck: false,
      disableOriginCheck: false,
    },
  });
}

const CHALLENGE = "passkey";

function passkeys({ domain }: TownAddress) {
  return passkey({
    rpID: domain,
    rpName: "Hamlet",
    schema: { passkey: { modelName: "auth_passkey" } },
    advanced: { webAuthnChallengeCookie: CHALLENGE },
    // It stands for the password too: whoever holds the device must have unlocked it.
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    authentication: {
      afterVerification: async ({ verification }) => {
        if (verification.authenticationInfo.userVerified) return;
        throw new APIError("UNAUTHORIZED", { message: "The device did not ask who you are." });
      },
    },
  });
}

/** Nobody who is suspended gets a session, and each is known later. */
function sessionHooks({ users, audit }: Store) {
  return {
    async before({ userId }: { userId: string }) {
      if ((await users.find(userId))?.suspendedAt === null) return;
      throw new APIError("FORBIDDEN", {
        message: "This account is suspended. Ask the operator of this town.",
      });
    },
    async after(
      { id, userId, ipAddress }: { id: string; userId: string; ipAddress?: string | null },
      context: { path?: string } | null,
    ) {
      const how = context?.path?.includes("passkey") ? "passkey" : "password";
      await audit.record({
        userId,
        action: "session.create",
        subject: id,
        detail: { how },
        address: ipAddress ?? undefined,
      });
    },
  };
}

function tellBusy(error: unknown): never {
  if (!(error instanceof PasswordsBusyError)) throw error;
  throw new APIError("SERVICE_UNAVAILABLE", { message: error.message });
}
