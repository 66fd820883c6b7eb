/** The command menu, go to file, and the list of shortcuts: their keys are always listened to, they come when pressed. */

import { Command as Icon } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { IconButton } from "../ui/button.tsx";
import { sayKeys } from "../ui/small.tsx";
import { isPressed, offered } from "./commands.ts";

const Menu = lazy(async () => ({ default: (await import("./command-menu.tsx")).CommandMenu }));
const Shortcuts = lazy(async () => ({ default: (await import("./command-shortcuts.tsx")).Shortcuts }));

export type Shown = "all" | "files" | "shortcuts";

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

function shownBy(event: KeyboardEvent): Shown | undefined {
  if (isPressed(event, "Mod+K")) return "all";
  if (isPressed(event, "Mod+P") && offered().some(({ files }) => files)) return "files";
  return event.key === "?" && !event.metaKey && !event.ctrlKey && !isTyping(event.target)
    ? "shortcuts"
    : undefined;
}

/** A button for who does not know the key, and what it opens. */
export function Commands() {
  const [shown, setShown] = useState<Shown>();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      // What the editor has made of it is done.
      if (event.defaultPrevented) return;
      const next = shownBy(event);
      const action = next ? undefined : findAction(event);
      if (next === undefined && action === undefined) return;
      event.preventDefault();
      if (next) setShown(next);
      else action!.run();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  return (
    <>
      <IconButton
        label={`Command menu (${sayKeys("Mod+K")})`}
        className="wide-only"
        onClick={() => setShown("all")}
      >
        <Icon size={16} />
      </IconButton>
      <Suspense>
        {(shown === "all" || shown === "files") && (
          <Menu only={shown} onShow={setShown} onClose={() => setShown(undefined)} />
        )}
        {shown === "shortcuts" && <Shortcuts onClose={() => setShown(undefined)} />}
      </Suspense>
    </>
  );
}

/** Not while a dialog is open: its keys are its own. */
function findAction(event: KeyboardEvent) {
  if (document.querySelector('[role="dialog"], [role="alertdialog"]')) return undefined;
  return offered()
    .flatMap(({ actions }) => actions ?? [])
    .find(({ keys }) => keys !== undefined && isPressed(event, keys));
}
