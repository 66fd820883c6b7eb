/** All modules of a val, so that types know what one file imports from another. */

import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { isScript, languageOf } from "../../editor/language.ts";
import type { FileRow } from "../../editor/tree.ts";
import type { Project } from "../../editor/types.ts";
import { type CodePlace, contentOf } from "./code-place.ts";

/** Of a larger val the rest is not known: a browser is no build machine. */
const MOST = 80;

/** Grows as the files arrive. */
export function useProject(place: CodePlace, rows: readonly FileRow[]): Project {
  const wanted = useMemo(
    () =>
      rows
        .filter(
          ({ path, type }) => type !== "directory" && (isScript(languageOf(path)) || path.endsWith(".json")),
        )
        .slice(0, MOST),
    [rows],
  );
  const texts = useQueries({
    queries: wanted.map((file) => contentOf(place, file)),
    combine: (all) => all.map(({ data }) => data?.text),
  });
  return useMemo(
    () => ({
      key: place.branchId,
      files: new Map(
        wanted.flatMap(({ path }, at) => (texts[at] === undefined ? [] : [[path, texts[at]] as const])),
      ),
    }),
    [place, wanted, texts],
  );
}
