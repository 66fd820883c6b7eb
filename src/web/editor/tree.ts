/** The files of a branch as a tree, and as the rows of it that are to be seen. */

import type { Row } from "../client/contract.ts";

/** A file or directory as the API lists it. */
export type FileRow = Row<"listFiles">;

/** What the tree needs of it. */
export type TreeRow = Pick<FileRow, "path" | "type">;

export interface Node<R extends TreeRow = FileRow> {
  readonly row: R;
  readonly name: string;
  readonly level: number;
  readonly children: readonly Node<R>[];
}

/** A node as one line: `place` of `among` counts from 1 within its directory. */
export interface Line<R extends TreeRow = FileRow> {
  readonly node: Node<R>;
  readonly open: boolean;
  readonly place: number;
  readonly among: number;
}

/** `lib/a.ts` → `lib`; empty for what is in the root. */
export const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf("/"), 0));
/** `lib/a.ts` → `a.ts`. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
/** Of a directory, empty for the root, and a name. */
export const joinPath = (parent: string, name: string): string =>
  parent === "" ? name : `${parent}/${name}`;

const compare = new Intl.Collator("en", { numeric: true }).compare;

/** Directories first, then by name. */
export function buildTree<R extends TreeRow>(rows: readonly R[]): Node<R>[] {
  const within = new Map<string, R[]>();
  for (const row of rows) {
    const parent = parentOf(row.path);
    const siblings = within.get(parent);
    if (siblings) siblings.push(row);
    else within.set(parent, [row]);
  }
  const build = (parent: string, level: number): Node<R>[] =>
    (within.get(parent) ?? [])
      .map((row) => ({
        row,
        name: nameOf(row.path),
        level,
        children: row.type === "directory" ? build(row.path, level + 1) : [],
      }))
      .sort(
        (a, b) =>
          Number(b.row.type === "directory") - Number(a.row.type === "directory") || compare(a.name, b.name),
      );
  return build("", 1);
}

/** What is to be seen while these directories are open. */
export function linesOf<R extends TreeRow>(nodes: readonly Node<R>[], open: ReadonlySet<string>): Line<R>[] {
  return nodes.flatMap((node, at) => {
    const isOpen = node.row.type === "directory" && open.has(node.row.path);
    const line = { node, open: isOpen, place: at + 1, among: nodes.length };
    return isOpen ? [line, ...linesOf(node.children, open)] : [line];
  });
}

/** All directories above a path. */
export function ancestorsOf(path: string): string[] {
  const parent = parentOf(path);
  return parent === "" ? [] : [...ancestorsOf(parent), parent];
}

/** The file that is shown when none is asked for: main, else the first that answers visitors, else the first at all. */
export function firstFile<R extends TreeRow>(rows: readonly R[]): R | undefined {
  const files = rows.filter(({ type }) => type !== "directory");
  return (
    files.find(({ path }) => /^main\.[mc]?[jt]sx?$/.test(path)) ??
    files.find(({ type }) => type === "http") ??
    files.find(({ path }) => /^readme\.md$/i.test(path)) ??
    files[0]
  );
}

/** Where the arrow keys lead from a line: to another, or to open or close it. */
export type Step = { readonly to: number } | { readonly open: string } | { readonly close: string };

/** As the pattern of a tree has it: right opens, then enters; left closes, then leaves. */
export function stepOf(lines: readonly Line<TreeRow>[], at: number, key: string): Step | undefined {
  const line = lines[at];
  if (line === undefined) return lines.length > 0 ? { to: 0 } : undefined;
  const { path, type } = line.node.row;
  const last = lines.length - 1;
  if (key === "ArrowDown") return { to: Math.min(at + 1, last) };
  if (key === "ArrowUp") return { to: Math.max(at - 1, 0) };
  if (key === "Home") return { to: 0 };
  if (key === "End") return { to: last };
  if (key === "ArrowRight" && type === "directory")
    return line.open ? (line.node.children.length > 0 ? { to: at + 1 } : undefined) : { open: path };
  if (key === "ArrowLeft") {
    if (line.open) return { close: path };
    const parent = parentOf(path);
    return parent === "" ? undefined : { to: lines.findIndex(({ node }) => node.row.path === parent) };
  }
  return undefined;
}

/** Why a file cannot have this path; undefined when it can. `own` is the path that it has now. */
export function pathProblem(path: string, rows: readonly TreeRow[], own?: string): string | undefined {
  const segments = path.split("/");
  if (path === "") return "A name is needed.";
  if (segments.some((one) => one === ""))
    return "Each folder needs a name: no / at the ends, nor two in a row.";
  if (segments.some((one) => !/^[a-zA-Z0-9$[\]()\-_.]+$/.test(one) || one === "." || one === ".."))
    return "Names consist of letters, digits and $ [ ] ( ) - _ .";
  if (segments.some((one) => one.length > 48)) return "A name has at most 48 characters.";
  if (path !== own && rows.some((row) => row.path === path))
    return "There is already something of this name.";
  if (own !== undefined && path.startsWith(`${own}/`)) return "A folder cannot be moved into itself.";
  return undefined;
}

/** What a new file most likely is. */
export function typeFor(path: string, rows: readonly TreeRow[]): Exclude<FileRow["type"], "directory"> {
  if (!/\.[mc]?[jt]sx?$/.test(path)) return "file";
  const answers = /^(main|index|server)\./.test(nameOf(path)) && rows.every(({ type }) => type !== "http");
  return answers ? "http" : "script";
}
