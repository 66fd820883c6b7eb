/** Passwords as they are stored. Hashing takes long on purpose; it happens in other threads, a few at a time. */

import { availableParallelism } from "node:os";

/** Fewest and most characters of a password. */
export const PASSWORD_LENGTH = { least: 8, most: 256 } as const;

/** OWASP's first choice for argon2id: 46 MiB of memory and one pass for each. */
const ARGON2ID = { algorithm: "argon2id", memoryCost: 47_104, timeCost: 1 } as const;
/** The other half of the processors is for those who have signed in. */
const MAX_AT_ONCE = Math.max(1, Math.floor(availableParallelism() / 2));
const MAX_WAITING = 50;

/** Too many passwords wait to be looked at; nothing is wrong with this one. */
export class PasswordsBusyError extends Error {
  override readonly name = "PasswordsBusyError";
}

let running = 0;
const waiting: (() => void)[] = [];

/** Why this cannot be a password, as a sentence; undefined when it can. */
export function passwordProblem(password: string): string | undefined {
  const { least, most } = PASSWORD_LENGTH;
  if (password.length < least) return `A password has at least ${least} characters.`;
  return password.length > most ? `A password has at most ${most} characters.` : undefined;
}

/** Argon2id with a random salt. Rejects with PasswordsBusyError. */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => Bun.password.hash(password, ARGON2ID));
}

/** Whether it is the password; one that is no hash of ours matches nothing. Rejects with PasswordsBusyError. */
export function verifyPassword(password: string, hash: string): Promise<boolean> {
  if (password.length > PASSWORD_LENGTH.most) return Promise.resolve(false);
  return inTurn(() => Bun.password.verify(password, hash).catch(() => false));
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running < MAX_AT_ONCE) running += 1;
  else if (waiting.length >= MAX_WAITING)
    throw new PasswordsBusyError("Too many people are signing in at once. Try again in a moment.");
  // Whoever ends gives his turn to the one that waits the longest.
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}
