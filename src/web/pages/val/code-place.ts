/** Addresses of a val's files on its page, and the files themselves as they are asked for. */

import { type QueryKey, queryOptions } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import { ask, callAll } from "../../client/call.ts";
import { queries } from "../../client/queries.ts";
import type { Saved } from "../../editor/file-state.ts";
import type { FileRow } from "../../editor/tree.ts";
import { MAIN, useBranch } from "./branch.ts";
import { useVal } from "./context.ts";

const MOST_FILES = 5000;
/** How often it is looked whether somebody else has saved. */
const LOOK_MS = 20_000;

/** Which val and branch the files are of. */
export interface CodePlace {
  readonly valId: string;
  readonly branchId: string;
}

/** All files of a branch. */
export const filesOf = ({ valId, branchId }: CodePlace) =>
  queryOptions({
    queryKey: filesKey({ valId, branchId }),
    queryFn: ({ signal }): Promise<FileRow[]> =>
      callAll(
        "listFiles",
        {
          params: { val_id: valId },
          query: { path: "", recursive: "true", branch_id: branchId },
          signal,
        },
        MOST_FILES,
      ),
    refetchInterval: LOOK_MS,
    refetchOnWindowFocus: "always",
  });

/** Found by `invalidate("listFiles")`. */
export const filesKey = ({ valId, branchId }: CodePlace): QueryKey => ["listFiles", valId, branchId];

/** The text of a file as of a version of it; what was read of one stays true. */
export const contentOf = (place: CodePlace, file: Pick<FileRow, "id" | "path" | "version">) =>
  queryOptions({
    queryKey: contentKey(file.id, file.version),
    queryFn: ({ signal }) => readFile(place, file.path, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const contentKey = (id: string, version: number): QueryKey => ["getFileContent", id, version];

/** What the town has of a file now. */
export async function readFile(
  { valId, branchId }: CodePlace,
  path: string,
  signal?: AbortSignal,
): Promise<Saved> {
  const response = await ask("getFileContent", {
    params: { val_id: valId },
    query: { path, branch_id: branchId },
    ...(signal && { signal }),
  });
  return { text: await response.text(), etag: response.headers.get("etag") ?? "*" };
}

/** Something of the files has changed: lists, versions and what is served are asked for anew. */
export async function filesChanged(): Promise<void> {
  const names = ["listFiles", "listBranches", "getValDetails", "listBuilds", "listVersions"];
  await Promise.all(names.map((name) => queries.invalidateQueries({ queryKey: [name] })));
}

/** The address of a file of this val, on the branch that is looked at. */
export function useFilePath(): (path: string) => string {
  const { val } = useVal();
  const { name } = useBranch();
  const start = `/x/${val.author.username}/${val.name}${name === MAIN ? "" : `/branch/${encodeURIComponent(name)}`}`;
  return useCallback(
    (path: string) => `${start}/code/${path.split("/").map(encodeURIComponent).join("/")}`,
    [start],
  );
}

/** Goes to a file of this val. */
export function useOpenFile(): (path: string) => void {
  const pathTo = useFilePath();
  const navigate = useNavigate();
  return useCallback((path: string) => void navigate({ to: pathTo(path) as "/" }), [navigate, pathTo]);
}

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("hamlet-files") : undefined;
if (channel) channel.onmessage = () => void filesChanged();

/** Other pages of this browser look anew at once. */
export function announceSave({ branchId }: CodePlace): void {
  channel?.postMessage(branchId);
}
