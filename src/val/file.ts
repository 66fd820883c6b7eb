/** What a file can be; `interval` is Val Town's word for cron. */
export const FILE_TYPES = ["directory", "file", "interval", "http", "email", "script"] as const;

/** What a file is: a directory, a plain file, a script (a module without trigger), or one of three triggers. */
export type FileType = (typeof FILE_TYPES)[number];

/** Types of files that something starts: they are built at each save, scripts only when they are run. */
export const TRIGGER_TYPES = ["http", "interval", "email"] as const satisfies readonly FileType[];

/** What starts a file. */
export type TriggerType = (typeof TRIGGER_TYPES)[number];

/** Whether something starts files of this type. */
export function isTrigger(type: FileType): type is TriggerType {
  return (TRIGGER_TYPES as readonly FileType[]).includes(type);
}

/** One file or directory of a branch, as of one version. Times in epoch milliseconds. */
export interface FileEntry {
  /** UUID; stays the same through changes, renames and moves. */
  readonly id: string;
  readonly valId: string;
  readonly branchId: string;
  readonly path: string;
  readonly type: FileType;
  /** SHA-256 of the text as hex; undefined for directories. */
  readonly hash: string | undefined;
  /** The branch's version in which the file got this content, path and type. */
  readonly version: number;
  readonly updatedAt: number;
  /** Host labels that lead to it, the one to show first; empty unless its type is `http`. */
  readonly labels: readonly string[];
}

/** One file with its text, as a build takes it. */
export interface SourceFile {
  readonly id: string;
  readonly path: string;
  readonly type: Exclude<FileType, "directory">;
  readonly hash: string;
  readonly content: string;
}

/** Whether a file of this path can be run: its ending says that it is JavaScript or TypeScript. */
export function isCode(path: string): boolean {
  return /\.[mc]?[jt]sx?$/.test(path);
}
