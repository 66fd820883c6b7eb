import { DropdownMenu as Radix } from "radix-ui";
import type { ReactNode } from "react";

/** A menu that opens from a button; its rows are MenuItem, MenuLine and MenuLabel. */
export function Menu({ trigger, children }: { trigger: ReactNode; children: ReactNode }) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="menu" align="end" sideOffset={4} collisionPadding={8}>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A row of a menu; with `asChild` its one child, a link, is the row. */
export function MenuItem({
  onSelect,
  danger = false,
  disabled = false,
  asChild = false,
  children,
}: {
  onSelect?: () => void;
  danger?: boolean;
  disabled?: boolean;
  asChild?: boolean;
  children: ReactNode;
}) {
  return (
    <Radix.Item
      className={danger ? "menu-item danger" : "menu-item"}
      {...(onSelect && { onSelect })}
      disabled={disabled}
      asChild={asChild}
    >
      {children}
    </Radix.Item>
  );
}

/** A line between rows. */
export const MenuLine = () => <Radix.Separator className="menu-line" />;

/** A heading within a menu. */
export const MenuLabel = ({ children }: { children: ReactNode }) => (
  <Radix.Label className="menu-label">{children}</Radix.Label>
);
