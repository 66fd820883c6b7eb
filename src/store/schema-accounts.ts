/** The tables of accounts, as Kysely sees them. Those named `auth_…` are better-auth's; its times are ISO 8601 texts. */

export interface AuthUserTable {
  /** That of the row in `users`. */
  id: string;
  name: string;
  /** A verified address, or one of `@users.invalid` that stands for none. */
  email: string;
  emailVerified: number;
  image: string | null;
  createdAt: string;
  updatedAt: string;
  /** In lower case. */
  username: string | null;
  displayUsername: string | null;
}

export interface AuthSessionTable {
  id: string;
  expiresAt: string;
  token: string;
  createdAt: string;
  updatedAt: string;
  ipAddress: string | null;
  userAgent: string | null;
  userId: string;
}

export interface AuthAccountTable {
  id: string;
  accountId: string;
  providerId: string;
  userId: string;
  accessToken: string | null;
  refreshToken: string | null;
  idToken: string | null;
  accessTokenExpiresAt: string | null;
  refreshTokenExpiresAt: string | null;
  scope: string | null;
  password: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface AuthVerificationTable {
  id: string;
  identifier: string;
  value: string;
  expiresAt: string;
  createdAt: string;
  updatedAt: string;
}

export interface AuthPasskeyTable {
  id: string;
  name: string | null;
  publicKey: string;
  userId: string;
  credentialID: string;
  counter: number;
  deviceType: string;
  backedUp: number;
  transports: string | null;
  createdAt: string | null;
  aaguid: string | null;
}

export interface InviteTable {
  id: string;
  /** SHA-256 of the secret in the link, hex. */
  hash: string;
  /** Only this address may use it, when there is one. */
  email: string | null;
  max_uses: number;
  uses: number;
  created_by: string | null;
  created_at: number;
  expires_at: number;
}

export interface OneTimeLinkTable {
  /** SHA-256 of the secret in the link, hex. */
  hash: string;
  kind: "password" | "email";
  user_id: string;
  /** The address that the link was sent to and verifies. */
  email: string | null;
  created_at: number;
  expires_at: number;
}

export interface AuditTable {
  /** A UUID of version 7: in the order of happening. */
  id: string;
  user_id: string | null;
  action: string;
  subject: string | null;
  /** JSON. */
  detail: string | null;
  address: string | null;
  created_at: number;
}

export interface AccountsTables {
  auth_user: AuthUserTable;
  auth_session: AuthSessionTable;
  auth_account: AuthAccountTable;
  auth_verification: AuthVerificationTable;
  auth_passkey: AuthPasskeyTable;
  invites: InviteTable;
  one_time_links: OneTimeLinkTable;
  audit: AuditTable;
}
