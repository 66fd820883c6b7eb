/** What is to be said about the open file above its text; most of the time nothing. */

import type { ReactNode } from "react";
import { MAX_CONTENT } from "../../../val/name.ts";
import { signInPath } from "../../client/boot.ts";
import { isDirty } from "../../editor/file-state.ts";
import type { FileRow } from "../../editor/tree.ts";
import { Button, buttonClass } from "../../ui/button.tsx";
import type { CodeActions } from "./code-actions.ts";
import { type OpenFile, tooLong } from "./code-file-state.ts";
import { remixAfterSignIn, useRemixWith } from "./code-remix.ts";
import { useVal } from "./context.ts";

interface StripsProps {
  readonly file: FileRow;
  readonly open: OpenFile;
  readonly actions: CodeActions;
}

function Strip({
  kind,
  children,
  action,
}: {
  kind: "info" | "warn" | "bad";
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={`code-strip ${kind}`} role={kind === "bad" ? "alert" : "status"}>
      <span className="grow">{children}</span>
      {action}
    </div>
  );
}

const time = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat("en", { month: "long", day: "numeric" });

/** `10:42`, or `March 3, 10:42` when that was another day. */
function sayWhen(at: number): string {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  return isToday ? time.format(at) : `${day.format(at)}, ${time.format(at)}`;
}

export function CodeStrips({ file, open, actions }: StripsProps) {
  const { mayWrite } = useVal();
  const { state } = open;
  const dirty = isDirty(state);
  const length = state.text.length;
  return (
    <>
      {state.problem !== undefined && (
        <Strip
          kind="bad"
          action={
            <Button small onClick={() => void actions.save()}>
              Try again
            </Button>
          }
        >
          Not saved. {state.problem}
        </Strip>
      )}
      {state.problem === undefined && length > MAX_CONTENT && <Strip kind="warn">{tooLong(length)}</Strip>}
      {mayWrite && state.newer !== undefined && (
        <Strip
          kind="warn"
          action={
            <Button small onClick={actions.openConflict}>
              Compare and merge
            </Button>
          }
        >
          A newer version of this file was saved while yours is unsaved. Yours is kept.
        </Strip>
      )}
      {state.restoredAt !== undefined && dirty && (
        <Strip
          kind="info"
          action={
            <Button small onClick={actions.discard}>
              Discard
            </Button>
          }
        >
          Unsaved changes of {sayWhen(state.restoredAt)} restored.
        </Strip>
      )}
      {!mayWrite && dirty && <RemixStrip file={file} open={open} actions={actions} />}
    </>
  );
}

/** A val of somebody else: what one has changed is saved in a copy of one's own. */
function RemixStrip({ file, open }: StripsProps) {
  const { val, viewer } = useVal();
  const remix = useRemixWith(file, open.state.text);
  const said = `This is ${val.author.username}'s val. Your change is kept in this browser.`;
  if (viewer === null) {
    const action = (
      <a
        className={buttonClass({ kind: "primary", small: true })}
        href={signInPath()}
        onClick={() => remixAfterSignIn(file.id)}
      >
        Sign in and remix to save this
      </a>
    );
    return (
      <Strip kind="info" action={action}>
        {said}
      </Strip>
    );
  }
  const action = (
    <Button kind="primary" small busy={remix.isPending} onClick={() => remix.mutate()}>
      Remix to save this
    </Button>
  );
  return (
    <Strip kind="info" action={action}>
      {said}
    </Strip>
  );
}
