import { useParams } from "@tanstack/react-router";
import { TraceView } from "../../live/trace-view.tsx";
import { useTitle } from "../../shell/title.ts";
import { Empty } from "../../ui/states.tsx";
import { useVal } from "./context.ts";

/** One call. */
export function TracePage() {
  useTitle("Call");
  const { user, val, trace } = useParams({ strict: false }) as { user: string; val: string; trace: string };
  const { mayWrite } = useVal();
  return (
    <div className="page">
      {mayWrite ? (
        <TraceView trace={trace} base={`/x/${user}/${val}`} />
      ) : (
        <Empty title="Calls are for those who may change this val">They hold what its visitors sent.</Empty>
      )}
    </div>
  );
}
