/**
 * Which names users, vals and files may have. The limits of vals and files are Val Town's
 * (https://docs.val.town/reference/api); the one of users follows from DNS, because `{username}--{32 hex digits}`
 * must fit into one label of 63 octets (RFC 1035 §2.3.4).
 */

/** Longest username: 63 octets of a DNS label less `--` and 32 hex digits. */
export const MAX_USERNAME = 29;
/** Longest name of a val, of a branch, and of one segment of a file path. */
export const MAX_NAME = 48;
/** Longest description of a val, in UTF-16 code units. */
export const MAX_DESCRIPTION = 64;
/** Longest text of one file, in UTF-16 code units. */
export const MAX_CONTENT = 80_000;
/** Longest whole path of a file, slashes included. */
export const MAX_PATH = 512;

/**
 * A username is 1 to 29 characters: a letter, then letters, digits, `-` and `_`, neither of them last nor doubled.
 * Lower-cased it begins a host label, so usernames are unique without regard to case, and `--` stays a separator.
 */
export const USERNAME = /^[a-zA-Z](?:[-_]?[a-zA-Z0-9])*$/;
/**
 * Names that nobody may take, in lower case: those of the town's own hosts and modules (`std` is the standard library),
 * and those that would let their owner pass for the town.
 */
export const RESERVED_USERNAMES: ReadonlySet<string> = new Set(
  (
    "std esm api app www web town hamlet val vals u x v embed static assets docs settings auth oauth login signup " +
    "admin administrator root system operator official staff support help security abuse " +
    "mail email smtp postmaster hostmaster webmaster noreply no-reply self anonymous null undefined"
  ).split(" "),
);

/** A val's name: a letter, then letters, digits, `-` and `_`. Case counts. */
export const VAL_NAME = /^[a-zA-Z][a-zA-Z0-9\-_]*$/;
/** A branch's name, or one segment of a file's path (`.` and `..` are refused besides). */
export const SEGMENT = /^[a-zA-Z0-9$[\]()\-_.]+$/;

/** Why this is no name of a branch, as a sentence; undefined when it is one. */
export function branchNameProblem(name: string): string | undefined {
  if (name.length > MAX_NAME)
    return `A branch's name has at most ${MAX_NAME} characters; this has ${name.length}.`;
  return SEGMENT.test(name) && name !== "." && name !== ".."
    ? undefined
    : "A branch's name consists of letters, digits and the characters $ [ ] ( ) - _ . and is neither . nor ..";
}

/** Why this is no username, as a sentence for the person who typed it; undefined when it is one. */
export function usernameProblem(name: string): string | undefined {
  if (name.length > MAX_USERNAME)
    return `A username has at most ${MAX_USERNAME} characters; this has ${name.length}.`;
  if (RESERVED_USERNAMES.has(name.toLowerCase())) return `The username ${name} is reserved. Choose another.`;
  if (USERNAME.test(name)) return undefined;
  return "A username begins with a letter, goes on with letters, digits, - or _, ends with a letter or digit, and never has two of - and _ in a row.";
}

/** Why this is no val name, as a sentence; undefined when it is one. */
export function valNameProblem(name: string): string | undefined {
  if (name.length > MAX_NAME)
    return `A val's name has at most ${MAX_NAME} characters; this has ${name.length}.`;
  return VAL_NAME.test(name)
    ? undefined
    : "A val's name begins with a letter and goes on with letters, digits, - or _.";
}
