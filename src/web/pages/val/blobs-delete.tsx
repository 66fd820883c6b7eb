import { toProblem } from "../../client/call.ts";
import { invalidate } from "../../client/queries.ts";
import { Confirm } from "../../ui/dialog.tsx";
import { count } from "../../ui/small.tsx";
import { toast } from "../../ui/toast.tsx";
import { blobPath } from "./blob-path.ts";
import { useVal } from "./context.ts";

/** Asks, then deletes these; what fails is told, and the rest is gone. */
export function DeleteBlobs({
  keys,
  onDone,
  onClose,
}: {
  keys: readonly string[];
  onDone: () => void;
  onClose: () => void;
}) {
  const { val } = useVal();
  const one = keys.length === 1 ? keys[0]! : undefined;
  const remove = async () => {
    try {
      for (const key of keys) await removeBlob(val.id, key);
    } finally {
      await invalidate("listValBlobs");
    }
    toast(one === undefined ? `${count(keys.length, "blob")} deleted.` : `${one} is deleted.`);
    onDone();
  };
  return (
    <Confirm
      title={one === undefined ? `Delete ${count(keys.length, "blob")}?` : `Delete ${one}?`}
      text="Code that asks for it finds nothing there any more. This cannot be undone."
      action="Delete"
      onConfirm={remove}
      onClose={onClose}
    />
  );
}

async function removeBlob(valId: string, key: string): Promise<void> {
  const response = await fetch(blobPath(valId, key), { method: "DELETE" });
  if (!response.ok) throw await toProblem(response);
}
