/**
 * Who may see and change a val. This is the only place that decides it; the store's lists filter by
 * `PRIVACIES_LISTED` and `PRIVACIES_READABLE`, everything else asks the functions.
 */

/**
 * `public`: listed for anyone; `unlisted`: readable by whoever knows its name or id; `private`: its owner's alone, and
 * the members' of the organization that owns it.
 */
export const PRIVACIES = ["public", "unlisted", "private"] as const;

/** How far a val can be seen. */
export type Privacy = (typeof PRIVACIES)[number];

/** The privacies whose vals appear in the lists of people who do not own them. */
export const PRIVACIES_LISTED: readonly Privacy[] = ["public"];

/** The privacies whose vals anyone may read who knows where they are. */
export const PRIVACIES_READABLE: readonly Privacy[] = ["public", "unlisted"];

interface Owned {
  readonly userId: string;
  readonly privacy: Privacy;
}

/** Someone who asks, by the accounts whose vals are theirs: their own and those of their organizations. */
export interface Looker {
  readonly accounts: ReadonlySet<string>;
}

/** Whether the viewer (undefined for someone without a token) may read the val. */
export function mayRead(val: Owned, viewer: Looker | undefined): boolean {
  return PRIVACIES_READABLE.includes(val.privacy) || mayWrite(val, viewer);
}

/** Whether the viewer may change or delete the val. */
export function mayWrite(val: Owned, viewer: Looker | undefined): boolean {
  return viewer?.accounts.has(val.userId) === true;
}
