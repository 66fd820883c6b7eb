import { Switch as Radix } from "radix-ui";
import {
  cloneElement,
  type InputHTMLAttributes,
  type ReactElement,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from "react";

/** A label, its one control, and below that a hint or what is wrong. */
export function Field({
  label,
  hint,
  wrong,
  children,
}: {
  label: ReactNode;
  hint?: ReactNode;
  wrong?: string | undefined;
  children: ReactElement<{ id?: string; "aria-describedby"?: string; "aria-invalid"?: boolean }>;
}) {
  const id = useId();
  const about = wrong !== undefined || hint !== undefined ? `${id}-about` : undefined;
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {label}
      </label>
      {cloneElement(children, {
        id,
        ...(about && { "aria-describedby": about }),
        ...(wrong !== undefined && { "aria-invalid": true }),
      })}
      {wrong !== undefined ? (
        <div className="wrong" id={about} role="alert">
          {wrong}
        </div>
      ) : (
        hint !== undefined && (
          <div className="hint" id={about}>
            {hint}
          </div>
        )
      )}
    </div>
  );
}

/** One line of text. */
export const Input = ({ className = "", ...rest }: InputHTMLAttributes<HTMLInputElement>) => (
  <input className={`input ${className}`} autoComplete="off" {...rest} />
);

/** Several lines of text. */
export const Textarea = ({ className = "", ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement>) => (
  <textarea className={`input ${className}`} {...rest} />
);

/** One of a few. */
export const Select = ({ className = "", ...rest }: SelectHTMLAttributes<HTMLSelectElement>) => (
  <select className={`input ${className}`} {...rest} />
);

/** On or off, with its label beside it. */
export function Switch({
  label,
  checked,
  onChange,
  disabled = false,
}: {
  label: ReactNode;
  checked: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div className="row">
      <Radix.Root id={id} className="switch" checked={checked} onCheckedChange={onChange} disabled={disabled}>
        <Radix.Thumb />
      </Radix.Root>
      <label htmlFor={id}>{label}</label>
    </div>
  );
}
