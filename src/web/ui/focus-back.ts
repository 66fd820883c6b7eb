/** Who closes a dialog goes on where they were. */

import { useState } from "react";

const PASSING = "[role=menu], [role=dialog], [role=alertdialog]";

/** What had the keyboard last on the page itself. */
let onPage: HTMLElement | undefined;
document.addEventListener("focusin", ({ target }) => {
  if (target instanceof HTMLElement && target.closest(PASSING) === null) onPage = target;
});

/** For a dialog's `onCloseAutoFocus`: dialogs that no trigger of their own opens know no way back. */
export function useFocusBack(): (event: Event) => void {
  const [opener] = useState(() => document.activeElement);
  return (event) => {
    event.preventDefault();
    // It may have been a row of a menu, or of what the dialog deleted.
    const places = [opener, onPage, document.getElementById("main")];
    const back = places.find((place) => place?.isConnected && place !== document.body);
    if (back instanceof HTMLElement) back.focus({ preventScroll: true });
  };
}
