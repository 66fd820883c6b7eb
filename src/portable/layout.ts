/** What an archive of vals is made of, and under which names. */

import { z } from "zod";
import { MAX_VARIABLE, MAX_VARIABLE_DESCRIPTION } from "../val/environment.ts";
import { FILE_TYPES } from "../val/file.ts";
import { MAX_NAME } from "../val/name.ts";
import { MAX_BRANCHES, MAX_FILES } from "../val/version.ts";
import { PRIVACIES } from "../val/visibility.ts";

/** The first entry: what this is. */
export const HEAD = "hamlet.json";

export const headSchema = z.object({
  format: z.literal("hamlet"),
  version: z.literal(1),
  kind: z.enum(["val", "account"]),
  exportedAt: z.string().optional(),
});

/** `vals/{name}/val.json` */
export const valSchema = z.object({
  name: z.string().max(MAX_NAME),
  description: z.string().nullable(),
  privacy: z.enum(PRIVACIES),
  imageUrl: z.string().max(2048).nullish(),
  branches: z
    .array(
      z.object({
        name: z.string().max(MAX_NAME),
        /** The branch that it was forked from; null for main. */
        parent: z.string().max(MAX_NAME).nullable(),
        files: z
          .array(
            z.object({
              path: z.string(),
              type: z.enum(FILE_TYPES),
              /** Of interval files. */
              schedule: z.string().max(1000).optional(),
              timeZone: z.string().max(100).optional(),
              /** Of email files: what their owner chose to stand before the @. */
              emailName: z.string().max(100).optional(),
            }),
          )
          .max(MAX_FILES),
      }),
    )
    .min(1)
    .max(MAX_BRANCHES),
  /** For those who may change the val. */
  variables: z
    .array(
      z.object({
        key: z.string().max(MAX_VARIABLE),
        description: z.string().max(MAX_VARIABLE_DESCRIPTION).nullable(),
      }),
    )
    .max(10_000)
    .optional(),
});

export type ValDocument = z.infer<typeof valSchema>;

/** `variables.json`: values by name. */
export const valuesSchema = z.record(z.string(), z.string().max(MAX_VARIABLE));

/** `blobs.json`: keys, which no file system takes as they are, and the entries that hold their bytes. */
export const blobsSchema = z
  .array(
    z.object({
      file: z.string().regex(/^\d{8}$/),
      key: z.string(),
      contentType: z.string().max(256).nullable(),
    }),
  )
  .max(100_000);

export type BlobDocument = z.infer<typeof blobsSchema>[number];

/** Names of the entries of one val, or with an undefined name those of the account. */
export function entriesOf(val: string | undefined) {
  const base = val === undefined ? "" : `vals/${val}/`;
  return {
    val: `${base}val.json`,
    values: `${base}variables.json`,
    file: (branch: string, path: string) => `${base}files/${branch}/${path}`,
    history: `${base}history.json`,
    past: (branch: string, version: number, path: string) => `${base}history/${branch}/${version}/${path}`,
    blobs: `${base}blobs.json`,
    blob: (file: string) => `${base}blobs/${file}`,
    database: `${base}database.sql`,
  };
}

interface Sortable {
  readonly id: string;
  readonly name: string;
  readonly forkedBranchId?: string | null | undefined;
}

/** `main` first, and each branch behind the one that it was forked from; one whose parent is gone counts as main's. */
export function sortBranches<T extends Sortable>(branches: readonly T[]): T[] {
  const sorted = branches.filter(({ name }) => name === "main");
  let waiting = branches.filter(({ name }) => name !== "main");
  while (waiting.length > 0) {
    const known = new Set(sorted.map(({ id }) => id));
    const next = waiting.filter(({ forkedBranchId }) => forkedBranchId == null || known.has(forkedBranchId));
    const chosen = next.length > 0 ? next : waiting;
    sorted.push(...chosen);
    waiting = waiting.filter((branch) => !chosen.includes(branch));
  }
  return sorted;
}
