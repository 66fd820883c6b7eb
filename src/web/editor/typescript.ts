/** What TypeScript knows of a file, as extensions of the editor. */

import type { Extension } from "@codemirror/state";
import type { Project } from "./types.ts";

/** Errors, completions and hovers for one file of a project. */
export async function typesOf(_project: Project, _path: string): Promise<Extension> {
  return [];
}
