/** What the code view offers to the command menu. */

import type { FileRow } from "../../editor/tree.ts";
import { useCommands } from "../../shell/commands.ts";
import type { CodeActions } from "./code-actions.ts";
import { useOpenFile } from "./code-place.ts";
import { setFormatsOnSave, useFormatsOnSave } from "./code-preferences.ts";
import { useVal } from "./context.ts";

/** Of the open file. */
export function useFileCommands(actions: CodeActions): void {
  const { mayWrite } = useVal();
  const onSave = useFormatsOnSave();
  const save = { label: "Save", keys: "Mod+S", run: () => void actions.save() };
  const all = [
    ...(mayWrite ? [save] : []),
    { label: mayWrite ? "Save and run" : "Run", keys: "Mod+Enter", run: () => void actions.run() },
    { label: "Format", keys: "Shift+Alt+F", run: () => void actions.format() },
    {
      label: onSave ? "Stop formatting on save" : "Format on save",
      run: () => setFormatsOnSave(!onSave),
    },
  ];
  useCommands({ actions: all }, `${mayWrite} ${onSave}`);
}

/** Of the branch: its files can be gone to. */
export function useFilesCommand(rows: readonly FileRow[]): void {
  const open = useOpenFile();
  const paths = rows.filter(({ type }) => type !== "directory").map(({ path }) => path);
  useCommands({ files: { paths, open } }, paths.join("\n"));
}
