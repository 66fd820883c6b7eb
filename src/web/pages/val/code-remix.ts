/** A changed file of somebody else's val becomes a val of one's own. */

import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { call } from "../../client/call.ts";
import { Problem } from "../../client/problem.ts";
import type { FileRow } from "../../editor/tree.ts";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { drafts } from "./code-file-state.ts";
import { useVal } from "./context.ts";

const KEY = "hamlet-remix-after-sign-in";
const SIGN_IN_MS = 30 * 60_000;

/** What was begun signed out goes on when one comes back. */
export function remixAfterSignIn(fileId: string): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ fileId, at: Date.now() }));
  } catch {
    // Then the button is pressed once more.
  }
}

function wasAsked(fileId: string): boolean {
  try {
    const asked = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as {
      fileId?: string;
      at?: number;
    } | null;
    if (asked?.fileId !== fileId) return false;
    sessionStorage.removeItem(KEY);
    return Date.now() - (asked.at ?? 0) < SIGN_IN_MS;
  } catch {
    return false;
  }
}

/** Copies the val, saves the text there, and goes to it. */
export function useRemixWith(file: FileRow, text: string) {
  const { val, viewer } = useVal();
  const navigate = useNavigate();
  const remix = useMutation({
    mutationFn: async () => {
      const made = await call("remixVal", { params: { val_id: val.id }, json: {} });
      await saveIn(made.id, file, text);
      return made;
    },
    onSuccess: (made) => {
      drafts.drop(file.id);
      toast(`Saved in your remix ${made.name}.`);
      void navigate({ to: `/x/${made.author.username}/${made.name}/code/${file.path}` as "/" });
    },
    onError: toastProblem,
  });
  const { mutate } = remix;
  useEffect(() => {
    if (viewer !== null && wasAsked(file.id)) mutate();
  }, [viewer, file.id, mutate]);
  return remix;
}

/** The copy is of main: what is on another branch alone is made there. */
async function saveIn(valId: string, file: FileRow, content: string): Promise<void> {
  const where = { params: { val_id: valId }, query: { path: file.path } };
  try {
    await call("updateFile", { ...where, json: { content } });
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 404 || file.type === "directory") throw error;
    await call("createFile", { ...where, json: { type: file.type, content } });
  }
}
