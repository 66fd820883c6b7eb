/** What the rules share that read Deno's messages. */

export const AGAIN =
  "Save again; if it goes on, the registry or host may be down, or what is imported is very large.";

export interface Finding {
  readonly message: string;
  readonly hint?: string;
  /** The package or URL that the message is about. */
  readonly culprit?: string;
}

export interface Context {
  /** The module that Deno's message came with, if any. */
  readonly about: string | undefined;
  readonly cacheDir: string;
}

export type Rules = readonly (readonly [
  pattern: RegExp,
  rule: (found: Readonly<Record<string, string>>, context: Context) => Finding | Promise<Finding>,
])[];

/** Someone else's message as a sentence of ours. */
export function sentence(text: string): string {
  const line = text.trim().slice(0, 500);
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
