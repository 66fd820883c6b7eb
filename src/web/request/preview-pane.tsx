/** What is beside the editor: the file at work. */

import "./request.css";
import { useState } from "react";
import { Empty } from "../ui/states.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { Preview } from "./preview.tsx";

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
}

/** A preview and requests for endpoints, a run for all else that can be started. */
export function PreviewPane({ file, saved, run }: PaneProps) {
  const [tab, setTab] = useState("preview");
  if (file?.type !== "http" || file.endpoint === undefined) {
    return (
      <Empty title="Nothing to preview">Files of type HTTP have an endpoint, which is shown here.</Empty>
    );
  }
  const { endpoint } = file;
  return (
    <div className="preview-pane">
      <Tabs
        label="The file at work"
        value={tab}
        onChange={setTab}
        tabs={[
          {
            name: "preview",
            label: "Preview",
            content: <Preview key={endpoint} endpoint={endpoint} reloads={saved + run} />,
          },
        ]}
      />
    </div>
  );
}
