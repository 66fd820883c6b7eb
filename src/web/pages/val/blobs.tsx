import "./panel.css";
import "./blobs.css";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Trash2, Upload as UploadIcon } from "lucide-react";
import { useRef, useState } from "react";
import { invalidate, query } from "../../client/queries.ts";
import { useTitle } from "../../shell/title.ts";
import { Button } from "../../ui/button.tsx";
import { Input } from "../../ui/field.tsx";
import { count, sayBytes } from "../../ui/small.tsx";
import { Loaded } from "../../ui/states.tsx";
import { type Blob, listFolder, stepsTo } from "./blob-keys.ts";
import { DeleteBlobs } from "./blobs-delete.tsx";
import { BlobList } from "./blobs-list.tsx";
import { BlobPreview } from "./blobs-preview.tsx";
import { DropZone, Uploads } from "./blobs-uploads.tsx";
import { useVal } from "./context.ts";
import { ForWriters } from "./for-writers.tsx";
import { useUploads } from "./use-uploads.ts";

/** Blobs of a val. */
export function Blobs() {
  useTitle("Blobs");
  return (
    <ForWriters what="blobs">
      <BlobPanel />
    </ForWriters>
  );
}

function BlobPanel() {
  const { val } = useVal();
  const [prefix, setPrefix] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState<Blob>();
  const [deletes, setDeletes] = useState<readonly string[]>();
  const asked = useQuery({
    ...query("listValBlobs", { params: { val_id: val.id }, query: { prefix } }),
    placeholderData: keepPreviousData,
  });
  const uploads = useUploads(val.id, () => void invalidate("listValBlobs"));
  const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  const known = (asked.data ?? []) as readonly Blob[];
  const go = (to: string) => {
    setPrefix(to);
    setChosen(new Set());
  };
  return (
    <DropZone folder={folder} onFiles={(files) => uploads.add(files)} known={known}>
      {(start) => (
        <div className="page stack">
          <Bar chosen={chosen} onDelete={() => setDeletes([...chosen])} onFiles={start} />
          <Where prefix={prefix} onGo={go} />
          <Uploads {...uploads} />
          <Loaded query={asked}>
            {(blobs) => (
              <BlobList
                {...listFolder(blobs as readonly Blob[], folder)}
                prefix={prefix}
                chosen={chosen}
                onChosen={setChosen}
                onGo={go}
                onShow={setShown}
              />
            )}
          </Loaded>
          <Sum blobs={known} prefix={prefix} />
          {shown && (
            <BlobPreview
              blob={shown}
              onClose={() => setShown(undefined)}
              onDelete={() => setDeletes([shown.key])}
            />
          )}
          {deletes && (
            <DeleteBlobs
              keys={deletes}
              onDone={() => {
                setChosen(new Set());
                setShown(undefined);
              }}
              onClose={() => setDeletes(undefined)}
            />
          )}
        </div>
      )}
    </DropZone>
  );
}

function Bar({
  chosen,
  onDelete,
  onFiles,
}: {
  chosen: ReadonlySet<string>;
  onDelete: () => void;
  onFiles: (files: readonly File[]) => void;
}) {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <div className="panel-bar">
      <h2>Blobs</h2>
      {chosen.size > 0 && (
        <Button kind="danger" icon={<Trash2 size={16} />} onClick={onDelete}>
          Delete {count(chosen.size, "blob")}
        </Button>
      )}
      <input
        ref={picker}
        className="unseen"
        type="file"
        multiple
        tabIndex={-1}
        aria-label="Files to upload"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file may be chosen again.
          event.target.value = "";
        }}
      />
      <Button kind="primary" icon={<UploadIcon size={16} />} onClick={() => picker.current?.click()}>
        Upload
      </Button>
    </div>
  );
}

function Where({ prefix, onGo }: { prefix: string; onGo: (prefix: string) => void }) {
  return (
    <div className="row wrap">
      <nav className="row wrap blobs-steps" aria-label="Folder">
        <button type="button" className="blobs-step" onClick={() => onGo("")}>
          all
        </button>
        {stepsTo(prefix).map((step) => (
          <span key={step.prefix} className="row">
            <span className="quiet" aria-hidden>
              /
            </span>
            <button type="button" className="blobs-step cut" onClick={() => onGo(step.prefix)}>
              {step.name}
            </button>
          </span>
        ))}
      </nav>
      <span className="grow" />
      <Input
        className="mono blobs-prefix"
        type="search"
        aria-label="Only keys that begin with"
        placeholder="Keys that begin with…"
        value={prefix}
        onChange={(event) => onGo(event.target.value)}
      />
    </div>
  );
}

function Sum({ blobs, prefix }: { blobs: readonly Blob[]; prefix: string }) {
  const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
  return (
    <p className="quiet small">
      {count(blobs.length, "blob")}
      {prefix !== "" && " below"}, {sayBytes(bytes)}. Code reaches them by <code>blob.get("key")</code> of{" "}
      <code>https://esm.town/v/std/blob/main.ts</code>. Files can be dropped anywhere here.
    </p>
  );
}
