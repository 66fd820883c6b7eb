/** The only file that turns errors into answers. */
import { HTTPException } from "hono/http-exception";
import { HamletError } from "../../errors.ts";
import { ArchiveError } from "../../portable/portable.ts";
import { BlobError, type BlobFailure } from "../../services/blob.ts";
import { SqliteError } from "../../services/sqlite-error.ts";
import { refersToNothing, StoreError, type StoreFailure } from "../../store/store.ts";

/** An error that is meant for the caller as it is. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    code?: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** The message of a missing val where it is asked for itself; clients compare it. */
export const VAL_NOT_FOUND = "This val could not be found";
/** The message of a missing val where something in it is asked for; clients look for the word project. */
export const PROJECT_NOT_FOUND = "Project not found";
/** The message of an organization that is missing, or that the caller is no member of. */
export const ORG_NOT_FOUND = "Organization not found";
/** Clients look for `required permissions`. */
export const SCOPE_MISSING = "Token does not have the required permissions";
/** The code of a request that does not fit the contract. */
export const INVALID = "FST_ERR_VALIDATION";

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  412: "Precondition Failed",
  413: "Payload Too Large",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  422: "Unprocessable Entity",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

/** Status and message of what the store refuses; without a message, the store's own. */
const REFUSALS: Readonly<Record<StoreFailure, readonly [status: number, message?: string]>> = {
  bad_username: [400],
  username_taken: [409],
  no_user: [404],
  last_admin: [409],
  email_taken: [409],
  bad_invite: [403],
  bad_link: [400],
  bad_val_name: [400],
  val_taken: [409, "Conflict: Project name already exists"],
  too_many_names: [409],
  no_val: [404, PROJECT_NOT_FOUND],
  no_org: [404, ORG_NOT_FOUND],
  no_member: [404],
  last_owner: [409],
  member_already: [409],
  invited_already: [409],
  no_invitation: [404],
  too_many_invitations: [409],
  too_many_orgs: [409],
  no_branch: [404, "Branch not found"],
  bad_branch_name: [400],
  branch_taken: [409, "Conflict: Branch name already exists in this project"],
  main_branch: [400],
  unrelated: [400],
  stale: [409],
  too_long: [409],
  no_version: [404],
  no_pull: [404],
  pull_taken: [409],
  pull_ended: [409],
  too_many_branches: [400],
  no_file: [404, "File not found"],
  too_many_files: [400],
  bad_path: [400],
  precondition: [412],
  path_taken: [409, "File or directory already exists at this path"],
  not_a_directory: [409],
  is_a_directory: [400],
  not_empty: [400],
  into_itself: [400],
  bad_variable: [400],
  variable_taken: [409, "Key already exists"],
  no_variable: [404],
  environment_full: [400],
  bad_label: [400],
  label_taken: [409],
  too_many_labels: [400],
  no_domain: [404],
  domain_taken: [409],
  too_many_domains: [400],
  bad_schedule: [400],
  bad_time_zone: [400],
  too_often: [400],
};

/** Status of what the blob service refuses; without one it has failed. */
const BLOB_REFUSALS: Readonly<Partial<Record<BlobFailure, number>>> = {
  bad_key: 400,
  cut_off: 400,
  no_scope: 404,
  quota: 413,
};

/** The answer to a request that failed; undefined for errors that are not the caller's and must be logged. */
export function toProblem(error: unknown): Response | undefined {
  if (error instanceof ApiError) return problem(error.status, error.message, error.code, error.headers);
  if (error instanceof StoreError) {
    // Alone in its form, which is Val Town's for a file's content.
    if (error.failure === "precondition") return Response.json("Precondition failed", { status: 412 });
    const [status, message] = REFUSALS[error.failure];
    return problem(status, message ?? error.message);
  }
  if (refersToNothing(error)) return problem(404, "What this is about has just been removed");
  if (error instanceof BlobError) {
    const status = BLOB_REFUSALS[error.failure];
    return status === undefined ? undefined : problem(status, error.message);
  }
  if (error instanceof HamletError && error.status === 503)
    return problem(503, error.message, error.code, { "retry-after": "1" });
  if (error instanceof ArchiveError) return problem(error.status, error.message);
  if (error instanceof SqliteError) return problem(error.status, error.message, error.code);
  if (!(error instanceof HTTPException)) return undefined;
  if (error.status !== 415) return problem(error.status, error.message);
  return problem(415, "Unsupported Media Type: send the body as JSON, with content-type: application/json");
}

/** An answer in the shape that all errors have. */
export function problem(
  status: number,
  message: string,
  code?: string,
  more: Readonly<Record<string, string>> = {},
): Response {
  const body = { statusCode: status, code, error: REASONS[status] ?? "Error", message };
  const headers = new Headers({ "content-type": "application/json; charset=utf-8", ...more });
  if (status === 401) headers.set("www-authenticate", "Bearer");
  // Clients would send it twice more, to be told the same.
  if (status === 409 && !headers.has("x-should-retry")) headers.set("x-should-retry", "false");
  return new Response(JSON.stringify(body), { status, headers });
}
