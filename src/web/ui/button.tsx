import { Check, Copy } from "lucide-react";
import { type ButtonHTMLAttributes, type ReactNode, useState } from "react";

type Kind = "default" | "primary" | "plain" | "danger" | "danger primary";

/** What a button, or a link that looks like one, has. */
export interface ButtonLook {
  readonly kind?: Kind;
  readonly small?: boolean;
}

/** The classes of a button, for links that look like one. */
export function buttonClass({ kind = "default", small = false }: ButtonLook = {}, more = ""): string {
  return ["button", kind, small && "small", more].filter(Boolean).join(" ");
}

/** A button; while `busy` it shows that it works and takes no second press. */
export function Button({
  kind,
  small,
  busy = false,
  icon,
  className = "",
  children,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & ButtonLook & { busy?: boolean; icon?: ReactNode }) {
  const look = { ...(kind && { kind }), ...(small && { small }) };
  return (
    <button
      type="button"
      {...rest}
      className={buttonClass(look, className)}
      disabled={rest.disabled || busy}
      aria-busy={busy || undefined}
    >
      {busy ? <span className="spinner" aria-hidden /> : icon}
      {children}
    </button>
  );
}

/** A button that is a picture; `label` is its name for screen readers and its tooltip. */
export function IconButton({
  label,
  small,
  kind = "plain",
  className = "",
  children,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & ButtonLook & { label: string }) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...rest}
      className={buttonClass({ kind, ...(small && { small }) }, `icon ${className}`)}
    >
      {children}
    </button>
  );
}

/** Copies a text, and says that it did. */
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return (
    <IconButton label={done ? "Copied" : label} small onClick={copy}>
      {done ? <Check size={15} /> : <Copy size={15} />}
    </IconButton>
  );
}
