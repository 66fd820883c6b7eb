import { z } from "@hono/zod-openapi";
import { createRoute } from "./access.ts";
import { json } from "./common.ts";

/** What the routes are about, in the order in which people read of them. */
export const TAGS: readonly (readonly [name: string, description: string])[] = [
  ["users", "Who one is, and who others are."],
  ["account", "One's own account: its tokens, what it allowed others, what was done with it."],
  ["orgs", "Organizations, their members and invitations."],
  ["vals", "A val is a versioned set of files of one user or organization."],
  ["branches", "Lines of versions of a val; each begins with `main`."],
  ["versions", "The history of a branch: what each version changed, and the way back to an older one."],
  ["pull requests", "Proposals to merge a branch into its parent, or one of a remix into its origin."],
  ["files", "What a val consists of. Each request that changes something makes one new version."],
  ["environment variables", "What a val finds in its environment. Values are written, never told."],
  ["triggers", "What starts a file: its addresses, or its schedule."],
  ["domains", "Hosts of one's own that lead to a val."],
  ["builds", "What became of the saved versions."],
  ["runs", "Files that are run, and endpoints that are called, by hand."],
  ["jobs", "What the clock and mails start: what waits, what failed, and how it went."],
  ["telemetry", "Calls of one's vals, and what they logged."],
  ["blobs", "Bytes by key, of an account or a val."],
  ["sqlite", "A database for each account and each val."],
  ["email", "Mails from vals, and to them."],
  ["connections", "Tokens of other services that vals may use."],
  ["search", "What is public, and what is one's own, by name and by code."],
  ["export", "Vals and whole accounts as archives, and back."],
  ["admin", "For the operator: people, invitations, what happened."],
  ["meta", "The API about itself."],
];

/** What a parameter is, where its route says nothing of it. */
export const PARAMETERS: Readonly<Record<string, string>> = {
  account: "The e-mail address of the Google account, or the id of the Slack workspace.",
  branch_id: "The branch's id.",
  domain: "The host that a certificate is to be made for.",
  file_id: "The file's id.",
  grant_id: "The grant's id.",
  host: "The domain, as `shop.example.org`.",
  invitation_id: "The invitation's id.",
  invite_id: "The invitation's id.",
  job_id: "The job's id.",
  key: "The variable's name.",
  mail_id: "The mail's id.",
  org_id: "The organization's id.",
  provider: "The other service.",
  token_id: "The token's id; not the token itself.",
  trace_id: "32 hexadecimal digits, as in the header `x-hamlet-trace`.",
  user_id: "The user's id.",
  username: "The user's or organization's name.",
  val_id: "The val's id.",
  val_name: "The val's name.",
  version: "The version's number; of a pipeline, that of the protocol.",
};

/** `GET /openapi.json`: the description of the API, made from this contract. */
export const getDocument = createRoute({
  method: "get",
  path: "/openapi.json",
  operationId: "getDocument",
  tags: ["meta"],
  summary: "This description",
  description: "In OpenAPI 3.1; the server in it is the address that was asked.",
  responses: { 200: json(z.looseObject({ openapi: z.string() }), "An OpenAPI 3.1 document.") },
});
