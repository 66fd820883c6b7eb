/** Work on texts that takes long: how long texts are and how different, their authors choose. */
import type { Budget } from "../val/line-diff.ts";
import { type Labels, mergeText } from "../val/merge-text.ts";
import { hunksOf, type PatchHunk } from "../val/patch.ts";
import { type FoundLine, linesIn } from "./search-lines.ts";
import { matchesAll, parseTerms } from "./search-terms.ts";

export interface MergeJob {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
  readonly labels: Labels;
}

export interface DiffJob {
  readonly before: string;
  readonly after: string;
}

export interface FindJob {
  readonly query: { readonly text: string; readonly exact?: boolean | undefined };
  readonly contents: readonly string[];
}

/** What each of them comes to. Comparing uses up what the budget has left. */
export interface Jobs {
  merge(job: MergeJob, budget: Budget): { readonly text: string; readonly conflicts: number };
  diff(job: DiffJob, budget: Budget): PatchHunk[];
  /** The lines of each text in which the terms occur; undefined where not all of them do. */
  find(job: FindJob, budget: Budget): (FoundLine[] | undefined)[];
}

export const JOBS: Jobs = {
  merge: ({ base, ours, theirs, labels }, budget) => mergeText(base, ours, theirs, labels, budget),
  diff: ({ before, after }, budget) => hunksOf(before, after, budget),
  find({ query, contents }) {
    const terms = parseTerms(query.text, query.exact);
    return contents.map((content) => (matchesAll(terms, [content]) ? linesIn(terms, content) : undefined));
  },
};

/** What one request may have compared, of however many texts: two that are as different as can be. */
export const newBudget = (): Budget => ({ left: 10_000_000 });
