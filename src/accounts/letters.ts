/**
 * Letters with a link that works once. Without a mail relay, the operator's log has what they would have said. Where a
 * link leads is configured: whoever asks for a letter could name another address, and would be told its secret there.
 */

import type { User } from "../store/store.ts";
import { appUrl } from "../val/address.ts";
import type { Context } from "./types.ts";

/** Of one account, whoever asks for them. */
export const LETTERS = { window: 3600, max: 5 };

/** What they are counted under. */
export const lettersTo = (userId: string): string => `letters to ${userId}`;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A link that proves that an address is the user's own. */
export async function sendVerification(context: Context, user: User, email: string): Promise<void> {
  const secret = await context.store.accounts.makeLink({
    kind: "email",
    userId: user.id,
    email,
    lastsMs: 24 * HOUR,
  });
  const link = `${appUrl(context.town)}/auth/verify?token=${secret}`;
  const text = `Somebody, probably you, gave this address for the account ${user.username} at ${context.town.domain}.

To confirm that it is yours, open this link within a day:

${link}

If it was not you, do nothing.
`;
  await send(context, user, { to: email, subject: "Confirm your e-mail address", text, link });
}

/** A link that sets a password, to the address of the account. */
export async function sendPasswordLink(context: Context, user: User): Promise<void> {
  const email = user.email ?? undefined;
  const secret = await context.store.accounts.makeLink({
    kind: "password",
    userId: user.id,
    ...(email !== undefined && { email }),
    lastsMs: HOUR,
  });
  const link = `${appUrl(context.town)}/auth/reset?token=${secret}`;
  const text = `Somebody, probably you, asked for a new password for the account ${user.username} at ${context.town.domain}.

To set one, open this link within an hour:

${link}

If it was not you, do nothing: the password stays as it is.
`;
  await send(context, user, { to: email ?? "", subject: "Set a new password", text, link });
}

interface LinkLetter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly link: string;
}

async function send({ email, log }: Context, user: User, letter: LinkLetter): Promise<void> {
  const { to, subject, text, link } = letter;
  const hasRelay = to !== "" && (await email?.notify({ to, subject, text }));
  // The operator can pass it on, and nobody else reads this log.
  if (!hasRelay) log?.info(`${subject}, for ${user.username}: ${link}`);
}
