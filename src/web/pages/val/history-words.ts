/** What a version is, in words. */

import type { Row } from "../../client/contract.ts";
import { count } from "../../ui/small.tsx";
import type { Branch } from "./branch.ts";

/** One version as lists have it. */
export type Version = Row<"listVersions">;
/** What happened to one file. */
export type Change = Version["changes"][number];

/** `Changed main.ts`, `Reverted to version 3`, `Merged dev`. */
export function sayVersion(version: Version, branches: readonly Pick<Branch, "id" | "name">[]): string {
  const { kind, source } = version;
  const named = branches.find(({ id }) => id === source?.branchId)?.name;
  const from = named ?? "another branch";
  if (kind === "create") return "Created the val";
  if (kind === "remix") return "Remixed from its original";
  if (kind === "revert") return source === null ? "Reverted" : `Reverted to version ${source.version}`;
  if (kind === "fork")
    return source === null ? "Branched" : `Branched from ${from}, version ${source.version}`;
  if (kind === "merge") return source === null ? "Merged" : `Merged ${from}, version ${source.version}`;
  return sayChanges(version.changes, version.changeCount);
}

const VERBS: Readonly<Record<Change["kind"], string>> = {
  added: "Added",
  modified: "Changed",
  removed: "Removed",
  renamed: "Renamed",
  retyped: "Changed the type of",
};

/** All changes in one sentence. */
export function sayChanges(changes: readonly Change[], total = changes.length): string {
  const files = changes.filter(({ type }) => type !== "directory");
  const told = files.length > 0 ? files : changes;
  const [only] = told;
  if (only === undefined) return "Changed nothing";
  if (told.length === 1) return sayChange(only);
  if (total > changes.length) return `Changed ${count(total, "file")}`;
  const kinds = [...new Set(told.map(({ kind }) => kind))];
  const parts = kinds.map((kind) => {
    const many = told.filter((one) => one.kind === kind).length;
    return `${VERBS[kind]} ${count(many, "file")}`;
  });
  return parts.map((part, at) => (at === 0 ? part : part[0]!.toLowerCase() + part.slice(1))).join(", ");
}

/** One change in one sentence. */
export function sayChange({ kind, path, oldPath, type }: Change): string {
  if (kind === "renamed" && oldPath !== undefined) return `Renamed ${oldPath} to ${path}`;
  if (kind === "retyped") return `Made ${path} a file of type ${type}`;
  return `${VERBS[kind]} ${path}`;
}

/** Versions of one day each, the newest first, under the words for that day. */
export function byDay<T extends { readonly createdAt: string }>(
  versions: readonly T[],
  today = new Date(),
): readonly (readonly [day: string, versions: readonly T[]])[] {
  const days = Map.groupBy(versions, ({ createdAt }) => new Date(createdAt).toDateString());
  return [...days].map(([day, all]) => [sayDay(new Date(day), today), all] as const);
}

function sayDay(day: Date, today: Date): string {
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (day.toDateString() === today.toDateString()) return "Today";
  if (day.toDateString() === yesterday.toDateString()) return "Yesterday";
  return day.toLocaleDateString("en", { weekday: "short", day: "numeric", month: "long", year: "numeric" });
}
