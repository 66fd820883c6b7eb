/** What is beside the editor: the file at work. */

import "./request.css";
import { useEffect, useState } from "react";
import { Empty } from "../ui/states.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { Preview } from "./preview.tsx";
import { RequestPanel } from "./request-panel.tsx";
import { RunPanel } from "./run-panel.tsx";
import { SocketPanel } from "./socket-panel.tsx";

/** The file that the editor shows. */
export interface PaneFile {
  readonly id: string;
  readonly path: string;
  readonly type: string;
  /** Where it answers; an HTTP file has one once it was saved. */
  readonly endpoint?: string | undefined;
}

export interface PaneProps {
  /** Undefined when none is open. */
  readonly file: PaneFile | undefined;
  /** Counts good saves. */
  readonly saved: number;
  /** Counts how often a run was asked for by the keyboard. */
  readonly run: number;
  /** How many of those were taken up: kept outside, since this may come after the first. */
  readonly taken: { current: number };
}

const RUNS: readonly string[] = ["script", "interval", "email"];

/** A preview and requests for endpoints, a run for all else that can be started. */
export function PreviewPane({ file, saved, run, taken }: PaneProps) {
  // A file that is shown because it was told to run runs at once; one that is only gone to does not.
  const before = taken.current;
  useEffect(() => {
    taken.current = run;
  }, [run, taken]);
  if (file?.type === "http" && file.endpoint !== undefined) {
    const { id, endpoint } = file;
    return <EndpointPane key={id} {...{ id, endpoint, saved, run }} />;
  }
  if (file?.type === "http")
    return <Empty title="Not saved yet">It gets an address, and is shown here, when you save it.</Empty>;
  if (file !== undefined && RUNS.includes(file.type))
    return <RunPanel key={file.id} file={file} runs={run} before={before} />;
  return (
    <Empty title="Nothing to run">
      A file of type HTTP is shown here at work, one of type script, interval or email can be run.
    </Empty>
  );
}

/** Who comes to send a request again comes to the panel for it. */
const firstTab = () =>
  new URLSearchParams(location.search).get("panel") === "request" ? "request" : "preview";

interface EndpointProps {
  readonly id: string;
  readonly endpoint: string;
  readonly saved: number;
  readonly run: number;
}

function EndpointPane({ id, endpoint, saved, run }: EndpointProps) {
  const [tab, setTab] = useState(firstTab);
  // A run is of what is looked at.
  const [seen, see] = useState({ run, reloads: 0, sends: 0 });
  if (seen.run !== run) {
    const { reloads, sends } = seen;
    see(tab === "request" ? { run, reloads, sends: sends + 1 } : { run, reloads: reloads + 1, sends });
  }
  const file = { id, endpoint };
  return (
    <div className="preview-pane">
      <Tabs
        label="The file at work"
        keep
        value={tab}
        onChange={setTab}
        tabs={[
          {
            name: "preview",
            label: "Preview",
            content: <Preview file={file} saved={saved} reloads={seen.reloads} />,
          },
          { name: "request", label: "Request", content: <RequestPanel file={file} sends={seen.sends} /> },
          { name: "socket", label: "WebSocket", content: <SocketPanel endpoint={endpoint} /> },
        ]}
      />
    </div>
  );
}
