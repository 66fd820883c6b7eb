import { X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useSyncExternalStore } from "react";
import { sayProblem } from "../client/problem.ts";
import { Button, IconButton } from "./button.tsx";

interface Shown {
  readonly id: number;
  readonly text: string;
  readonly kind: "info" | "bad";
  readonly action?: { readonly label: string; readonly run: () => void };
}

let toasts: readonly Shown[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: readonly Shown[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Says something for a few seconds; an action is usually "Undo". */
export function toast(text: string, options: { kind?: "info" | "bad"; action?: Shown["action"] } = {}): void {
  const { kind = "info", action } = options;
  set([...toasts.slice(-3), { id: ++lastId, text, kind, ...(action && { action }) }]);
}

/** Says what went wrong. */
export function toastProblem(error: unknown): void {
  toast(sayProblem(error), { kind: "bad" });
}

/** Where toasts appear: once, at the root. */
export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  const drop = (id: number) => set(toasts.filter((one) => one.id !== id));
  return (
    <Radix.Provider swipeDirection="right">
      {shown.map(({ id, text, kind, action }) => (
        <Radix.Root
          key={id}
          className={`toast ${kind}`}
          duration={kind === "bad" || action ? 10_000 : 5000}
          onOpenChange={(open) => open || drop(id)}
        >
          <Radix.Description className="grow">{text}</Radix.Description>
          {action && (
            <Radix.Action altText={action.label} asChild>
              <Button small onClick={action.run}>
                {action.label}
              </Button>
            </Radix.Action>
          )}
          <Radix.Close asChild>
            <IconButton label="Dismiss" small>
              <X size={15} />
            </IconButton>
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport className="toasts" />
    </Radix.Provider>
  );
}
