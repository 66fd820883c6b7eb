/** One's own text and a newer one side by side; what is saved is what is made of both. */

import { lazy, Suspense, useState } from "react";
import type { Saved } from "../../editor/file-state.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Loading } from "../../ui/states.tsx";

const Merge = lazy(async () => ({ default: (await import("../../editor/merge.tsx")).Merge }));

export function CodeConflict({
  path,
  mine,
  theirs,
  onSave,
  onTheirs,
  onClose,
}: {
  path: string;
  mine: string;
  theirs: Saved;
  onSave: (text: string) => Promise<void>;
  onTheirs: () => void;
  onClose: () => void;
}) {
  // Both as they were when this was opened.
  const [shown] = useState({ mine, theirs: theirs.text });
  const [merged, setMerged] = useState(mine);
  const [busy, setBusy] = useState(false);
  const save = async (text: string) => {
    setBusy(true);
    await onSave(text);
  };
  return (
    <Dialog title={`Two versions of ${path}`} wide onClose={onClose}>
      <p>
        While you were writing, a newer version was saved. Left is what is saved, right is yours: the arrows
        take a part over, and the right side can be written in.
      </p>
      <div className="code-merge">
        <Suspense fallback={<Loading lines={10} />}>
          <Merge path={path} theirs={shown.theirs} mine={shown.mine} onChange={setMerged} />
        </Suspense>
      </div>
      <div className="actions">
        <Button onClick={onClose}>Later</Button>
        <Button onClick={onTheirs}>Take the saved one</Button>
        <Button busy={busy} onClick={() => void save(shown.mine)}>
          Keep mine
        </Button>
        <Button kind="primary" busy={busy} onClick={() => void save(merged)}>
          Save the right side
        </Button>
      </div>
    </Dialog>
  );
}
