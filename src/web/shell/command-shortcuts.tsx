/** Which keys do what. */

import "./command.css";
import { Dialog } from "../ui/dialog.tsx";
import { Keys } from "../ui/small.tsx";
import { useOffered } from "./commands.ts";

const EVERYWHERE: readonly [label: string, keys: string][] = [
  ["Command menu", "Mod+K"],
  ["Go to a file of this val", "Mod+P"],
  ["These shortcuts", "?"],
];

const IN_THE_EDITOR: readonly [label: string, keys: string][] = [
  ["Find and replace", "Mod+F"],
  ["Add the next occurrence to the selection", "Mod+D"],
  ["Complete", "Ctrl+Space"],
  ["Comment or uncomment", "Mod+/"],
  ["Move the line", "Alt+↑ ↓"],
  ["Next problem", "F8"],
  ["Fold, unfold", "Mod+Alt+["],
  ["Leave the editor by keyboard", "Esc, then Tab"],
];

export function Shortcuts({ onClose }: { onClose: () => void }) {
  const actions = useOffered()
    .flatMap((offer) => offer.actions ?? [])
    .flatMap(({ label, keys }) => (keys === undefined ? [] : [[label, keys] as const]));
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <List title="Everywhere" rows={EVERYWHERE} />
      {actions.length > 0 && <List title="On this page" rows={actions} />}
      <List title="In the editor" rows={IN_THE_EDITOR} />
    </Dialog>
  );
}

function List({ title, rows }: { title: string; rows: readonly (readonly [label: string, keys: string])[] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl className="command-keys">
        {rows.map(([label, keys]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <Keys keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
