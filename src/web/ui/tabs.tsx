import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";

export interface TabSpec {
  readonly name: string;
  readonly label: ReactNode;
  readonly content: ReactNode;
}

/** Tabs whose contents stay as they are while another is shown, when `keep` is set. */
export function Tabs({
  tabs,
  value,
  onChange,
  label,
  keep = false,
  extra,
}: {
  tabs: readonly TabSpec[];
  value: string;
  onChange: (name: string) => void;
  /** For screen readers. */
  label: string;
  keep?: boolean;
  /** At the right end of the row. */
  extra?: ReactNode;
}) {
  return (
    <Radix.Root value={value} onValueChange={onChange} className="tabs-root">
      <div className="tabs-row row">
        <Radix.List className="tabs grow" aria-label={label}>
          {tabs.map(({ name, label: text }) => (
            <Radix.Trigger key={name} value={name} className="tab">
              {text}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {extra}
      </div>
      {tabs.map(({ name, content }) => (
        <Radix.Content
          key={name}
          value={name}
          className="tab-content"
          {...(keep && { forceMount: true as const, hidden: name !== value })}
        >
          {content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
