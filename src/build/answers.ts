/** Reads what the builder process says. It has parsed hostile text, so it is not believed to have stayed itself. */

import { z } from "zod";
import type { Answer } from "../wire/bundle.ts";

/** Of one message. */
export const ANSWER_LIMITS = { headBytes: 16 * 2 ** 20, bodyBytes: 128 * 2 ** 20 };

const Text = z.string().max(10_000);
const Texts = z.array(Text).max(10_000);
const Count = z.int().nonnegative();
const job = Count;

const Diagnostics = z
  .array(
    z.object({
      file: Text.exactOptional(),
      line: Count.exactOptional(),
      column: Count.exactOptional(),
      message: Text,
      hint: Text.exactOptional(),
    }),
  )
  .max(1000);

const Want = z.object({
  username: Text,
  valName: Text,
  version: Count.exactOptional(),
  branch: Text.exactOptional(),
  path: Text.exactOptional(),
});

const Schema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("find"), job, ask: Count, want: Want }),
  z.object({
    kind: z.literal("scanned"),
    job,
    diagnostics: Diagnostics,
    warnings: Diagnostics,
    specifiers: Texts,
    dynamic: Texts,
    unused: Texts,
    own: Texts,
    others: Texts,
    aliases: z.record(Text, Text),
    reasons: Texts,
  }),
  z.object({
    kind: z.literal("bundled"),
    job,
    codeBytes: Count,
    warnings: Diagnostics,
    packages: Texts,
    outside: z.array(z.object({ specifier: Text, reason: Text })).max(1000),
    modules: Count,
  }),
  z.object({ kind: z.literal("failed"), job, diagnostics: Diagnostics, unbundled: Text.exactOptional() }),
  z.object({ kind: z.literal("broken"), job, message: z.string() }),
  z.object({ kind: z.literal("transpiled"), job, codeBytes: Count }),
]);

/** The head of a message; throws when it is none that a builder says. */
export function parseAnswer(head: unknown): Answer {
  return Schema.parse(head);
}
