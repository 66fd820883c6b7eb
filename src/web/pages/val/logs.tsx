import { LogsPane } from "../../live/logs-pane.tsx";
import { useTitle } from "../../shell/title.ts";
import { useVal } from "./context.ts";

/** What a val writes, and its calls. */
export function Logs() {
  const { val } = useVal();
  useTitle(`Logs of ${val.name}`);
  return (
    <>
      <h2 className="unseen">Logs and requests</h2>
      <LogsPane valId={val.id} />
    </>
  );
}
