import { idLabel, nameLabel } from "../val/address.ts";
import { beginningsOf, LABELS_PER_ACCOUNT, SUBDOMAINS_PER_ACCOUNT, subdomainProblem } from "../val/domain.ts";
import type { FileType } from "../val/file.ts";
import {
  idMailbox,
  MAILBOX_NAMES_PER_ACCOUNT,
  MAILBOXES_PER_ACCOUNT,
  mailboxProblem,
  nameMailbox,
} from "../val/mailbox.ts";

/** Names that lead to files of one type. Host labels and addresses of mail are kept alike, in tables of the same columns. */
export interface LabelBook {
  /** In truth one of several names: Kysely knows a query's columns only by one. */
  readonly table: "endpoints";
  readonly released: "released_labels";
  readonly type: FileType;
  /** Whether a file gets a second label of its id when its val has another owner. */
  readonly renewsIds: boolean;
  /** What a chosen one is called, and several. */
  readonly word: readonly [string, string];
  readonly perAccount: number;
  /** With those that were given up lately. */
  readonly perAccountInAll: number;
  idLabel(username: string, fileId: string): string;
  nameLabel(username: string, valName: string): string | undefined;
  problem(label: string): string | undefined;
  /** Usernames that only the user of that name may stand for with this label. */
  usernamesIn(label: string): string[];
}

/** Of HTTP files, below the town's web domain. */
export const HOST_LABELS: LabelBook = {
  table: "endpoints",
  released: "released_labels",
  type: "http",
  renewsIds: false,
  word: ["subdomain", "subdomains"],
  perAccount: SUBDOMAINS_PER_ACCOUNT,
  perAccountInAll: LABELS_PER_ACCOUNT,
  idLabel,
  nameLabel,
  problem: subdomainProblem,
  // Endpoints of vals are called {user}-{val}: nobody may pass for somebody else's val, nor stand in its way.
  usernamesIn: beginningsOf,
};

/** Of email files, before the `@` of the town's mail domain. */
export const MAIL_ADDRESSES: LabelBook = {
  table: "mail_addresses" as "endpoints",
  released: "released_addresses" as "released_labels",
  type: "email",
  // The address that is shown is made of the owner's name and the id, and must be good.
  renewsIds: true,
  word: ["address", "addresses"],
  perAccount: MAILBOXES_PER_ACCOUNT,
  perAccountInAll: MAILBOX_NAMES_PER_ACCOUNT,
  idLabel: idMailbox,
  nameLabel: nameMailbox,
  problem: mailboxProblem,
  usernamesIn: (label) => [label],
};

/** All that there are. */
export const LABEL_BOOKS = [HOST_LABELS, MAIL_ADDRESSES] as const;

/** Whether files of this type have labels. */
export function hasLabels(type: FileType): boolean {
  return LABEL_BOOKS.some((book) => book.type === type);
}
