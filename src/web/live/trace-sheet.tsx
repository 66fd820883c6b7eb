import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { buttonClass, IconButton } from "../ui/button.tsx";
import { useFocusBack } from "../ui/focus-back.ts";
import { AppLink } from "./link.tsx";
import { TraceView } from "./trace-view.tsx";

/** A call, beside what one was looking at. */
export function TraceSheet({ trace, base, onClose }: { trace: string; base: string; onClose: () => void }) {
  const onCloseAutoFocus = useFocusBack();
  return (
    <Radix.Root open onOpenChange={(open) => open || onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="overlay" />
        <Radix.Content
          className="live-sheet"
          aria-describedby={undefined}
          onCloseAutoFocus={onCloseAutoFocus}
        >
          <div className="live-sheet-head row">
            <Radix.Title className="unseen">One call</Radix.Title>
            <AppLink href={`${base}/traces/${trace}`} className={buttonClass({ small: true })}>
              Open as a page
            </AppLink>
            <Radix.Close asChild>
              <IconButton label="Close" small>
                <X size={16} />
              </IconButton>
            </Radix.Close>
          </div>
          <TraceView trace={trace} base={base} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
