/** What the API asks of whoever builds and serves vals, and of the services. */

import type { Email } from "../../services/email.ts";
import type { OpenAi } from "../../services/openai.ts";

/** One thing that is wrong with a source. */
export interface Diagnostic {
  readonly message: string;
  /** Path within the val. */
  readonly file?: string;
  /** Both from 1. */
  readonly line?: number;
  readonly column?: number;
  /** What to do about it. */
  readonly hint?: string;
}

/** What became of a build; it succeeded when there are no diagnostics. */
export interface BuildReport {
  readonly version: number;
  readonly diagnostics: Diagnostic[];
}

export interface Deploy {
  /**
   * A branch has a new version: resolves when it is served, or could not be built. Undefined when there was nothing to
   * build. The API answers only then, so that the next request sees the new version; the save itself is on disk before.
   */
  saved(valId: string, branchId: string): Promise<BuildReport | undefined>;
  /** A val is gone: resolves when it is no longer served. */
  removed(valId: string): Promise<void>;
}

/** Who answers the standard library. A town without one of them has none of its routes. */
export interface Services {
  readonly openai?: OpenAi;
  readonly email?: Email;
}
