import { Dialog } from "../ui/dialog.tsx";
import { TraceView } from "./trace-view.tsx";

/** A call, beside what one was looking at. */
export function TraceSheet({ trace, onClose }: { trace: string; onClose: () => void }) {
  return (
    <Dialog title="Call" wide onClose={onClose}>
      <TraceView trace={trace} />
    </Dialog>
  );
}
