/** Scopes in plain words. */

import type { IDENTITY_SCOPES, OAuthScope } from "./scope.ts";

const WISHES: Readonly<Record<(typeof IDENTITY_SCOPES)[number] | OAuthScope, string>> = {
  openid: "know which account of this town is yours",
  profile: "see your name and picture",
  email: "see your e-mail address",
  offline_access: "go on when you are away, until you take it back",
  project_r: "read your vals and those of your organizations, private ones too",
  project_rw: "read, change, make and delete your vals and those of your organizations",
  user_r: "see your account, with its e-mail address",
  blob_r: "read your blobs",
  blob_rw: "read, change and delete your blobs",
  sqlite_r: "read your database",
  sqlite_rw: "read and change your database",
  email_r: "see the mails that your vals sent",
  email_rw: "send mail in your name, and see the mails that your vals sent",
  telemetry_r: "see the logs and traces of your vals",
};

/** One line each; what a greater wish includes is not said twice. */
export function toWishes(scopes: readonly string[]): string[] {
  return scopes
    .filter((scope) => !(scope.endsWith("_r") && scopes.includes(`${scope}w`)))
    .map((scope) => WISHES[scope as keyof typeof WISHES]);
}
