import { useState } from "react";
import { CodeView } from "../../editor/editor.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import type { NewFile } from "./templates.ts";

/** The files that the val will begin with, to be read. */
export function Sources({ files }: { files: readonly NewFile[] }) {
  const [open, setOpen] = useState("");
  const shown = files.some(({ path }) => path === open) ? open : (files[0]?.path ?? "");
  return (
    <section className="new-sources" aria-label="What it begins with">
      <Tabs
        label="Files"
        value={shown}
        onChange={setOpen}
        tabs={files.map(({ path, content }) => ({
          name: path,
          label: path,
          content: <CodeView key={path} path={path} text={content} />,
        }))}
      />
    </section>
  );
}
