/** What a caller of the store can have done wrong. The API gives each its status and sentence. */
export type StoreFailure =
  | "bad_username"
  | "username_taken"
  | "bad_val_name"
  | "val_taken"
  | "no_user"
  | "last_admin"
  | "email_taken"
  | "bad_invite"
  | "bad_link"
  | "too_many_names"
  | "no_val"
  | "no_org"
  | "no_member"
  | "last_owner"
  | "member_already"
  | "invited_already"
  | "no_invitation"
  | "too_many_invitations"
  | "too_many_orgs"
  | "no_branch"
  | "bad_branch_name"
  | "branch_taken"
  | "main_branch"
  | "unrelated"
  | "stale"
  | "too_long"
  | "no_version"
  | "no_pull"
  | "pull_taken"
  | "pull_ended"
  | "too_many_branches"
  | "no_file"
  | "too_many_files"
  | "bad_path"
  | "path_taken"
  | "precondition"
  | "not_a_directory"
  | "is_a_directory"
  | "not_empty"
  | "into_itself"
  | "bad_variable"
  | "variable_taken"
  | "no_variable"
  | "environment_full"
  | "bad_label"
  | "label_taken"
  | "too_many_labels"
  | "no_domain"
  | "domain_taken"
  | "too_many_domains"
  | "bad_schedule"
  | "bad_time_zone"
  | "too_often";

/** A request the store refuses; nothing was changed. `message` is a sentence for the person who asked. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly failure: StoreFailure;

  constructor(failure: StoreFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}
