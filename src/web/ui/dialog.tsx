import { AlertDialog as Alert, Dialog as Radix } from "radix-ui";
import { type ReactNode, useState } from "react";
import { sayProblem } from "../client/problem.ts";
import { Button } from "./button.tsx";
import { useFocusBack } from "./focus-back.ts";

/** A dialog that is open as long as it is shown. */
export function Dialog({
  title,
  wide = false,
  onClose,
  children,
}: {
  title: string;
  wide?: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const onCloseAutoFocus = useFocusBack();
  return (
    <Radix.Root open onOpenChange={(open) => open || onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="overlay" />
        <Radix.Content
          className={wide ? "dialog wide" : "dialog"}
          aria-describedby={undefined}
          onCloseAutoFocus={onCloseAutoFocus}
        >
          <Radix.Title asChild>
            <h2>{title}</h2>
          </Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export interface ConfirmOptions {
  readonly title: string;
  /** What will happen, and whether it can be undone. */
  readonly text: ReactNode;
  /** On the button that does it: a verb. */
  readonly action: string;
  /** What must be typed first, for what cannot be undone. */
  readonly typed?: string;
  readonly onConfirm: () => unknown;
  readonly onClose: () => void;
}

/** Asks before something that destroys. Stays open and says why, if it failed. */
export function Confirm({ title, text, action, typed, onConfirm, onClose }: ConfirmOptions) {
  const onCloseAutoFocus = useFocusBack();
  const [entered, setEntered] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const go = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setProblem(sayProblem(error));
      setBusy(false);
    }
  };
  return (
    <Alert.Root open onOpenChange={(open) => open || onClose()}>
      <Alert.Portal>
        <Alert.Overlay className="overlay" />
        <Alert.Content className="dialog" onCloseAutoFocus={onCloseAutoFocus}>
          <Alert.Title asChild>
            <h2>{title}</h2>
          </Alert.Title>
          <Alert.Description asChild>
            <div>{text}</div>
          </Alert.Description>
          {typed !== undefined && (
            <label className="field">
              <span className="label">
                Type <code>{typed}</code> to go on
              </span>
              <input className="input" value={entered} onChange={(event) => setEntered(event.target.value)} />
            </label>
          )}
          {problem !== undefined && (
            <div className="note bad" role="alert">
              {problem}
            </div>
          )}
          <div className="actions">
            <Alert.Cancel asChild>
              <Button>Cancel</Button>
            </Alert.Cancel>
            <Button
              kind="danger primary"
              busy={busy}
              disabled={typed !== undefined && entered !== typed}
              onClick={go}
            >
              {action}
            </Button>
          </div>
        </Alert.Content>
      </Alert.Portal>
    </Alert.Root>
  );
}
