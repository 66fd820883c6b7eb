/** One thing that is wrong with a val's source, as its author is told. */
export interface Diagnostic {
  /** The val's own path; missing when it is about the whole. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1, in UTF-16 code units. */
  readonly column?: number;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}
