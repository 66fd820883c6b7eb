/** The role of a member: owners manage members and the organization itself; both use and change its vals. */
export type OrgRole = "owner" | "member";

/** Who belongs to which organization. */
export interface MembershipTable {
  id: string;
  org_id: string;
  user_id: string;
  role: OrgRole;
  created_at: number;
}

/** Who may become a member: a user, or whoever proves to have an address. */
export interface InvitationTable {
  id: string;
  org_id: string;
  user_id: string | null;
  /** In lower case. */
  email: string | null;
  role: OrgRole;
  invited_by: string | null;
  created_at: number;
}

export interface LikeTable {
  val_id: string;
  user_id: string;
  created_at: number;
}

/** A name that a val of this owner had, until another val takes it. */
export interface OldValNameTable {
  user_id: string;
  name: string;
  val_id: string;
}

/** The tables of organizations, likes and old names. */
export interface OrgTables {
  memberships: MembershipTable;
  org_invitations: InvitationTable;
  likes: LikeTable;
  old_val_names: OldValNameTable;
}
