import { Check, RotateCw, X } from "lucide-react";
import { type DragEvent, type ReactNode, useState } from "react";
import { Button, IconButton } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { count, sayBytes } from "../../ui/small.tsx";
import type { Blob } from "./blob-keys.ts";
import type { Upload, useUploads } from "./use-uploads.ts";

interface Sending {
  readonly key: string;
  readonly file: File;
}

/** Where files can be dropped; what would replace a blob that is there is asked about first. */
export function DropZone({
  folder,
  known,
  onFiles,
  children,
}: {
  folder: string;
  known: readonly Blob[];
  onFiles: (files: readonly Sending[]) => void;
  children: (start: (files: readonly File[]) => void) => ReactNode;
}) {
  const [over, setOver] = useState(false);
  const [asks, setAsks] = useState<readonly Sending[]>();
  const taken = new Set(known.map(({ key }) => key));
  const start = (files: readonly File[]) => {
    const list = files.map((file) => ({ key: folder + file.name, file }));
    if (list.some(({ key }) => taken.has(key))) setAsks(list);
    else onFiles(list);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    start([...event.dataTransfer.files]);
  };
  const replaced = asks?.filter(({ key }) => taken.has(key)).map(({ key }) => key) ?? [];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button does the same by keyboard
    <div
      className={over ? "blobs-drop over" : "blobs-drop"}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => event.currentTarget.contains(event.relatedTarget as Node) || setOver(false)}
      onDrop={drop}
    >
      {children(start)}
      {over && <div className="blobs-drop-here">Drop to upload to {folder || "this val"}</div>}
      {asks && (
        <Confirm
          title={`Replace ${count(replaced.length, "blob")}?`}
          text={`There already: ${replaced.slice(0, 5).join(", ")}${replaced.length > 5 ? " and more" : ""}. What is there now cannot be had back.`}
          action="Replace"
          onConfirm={() => onFiles(asks)}
          onClose={() => setAsks(undefined)}
        />
      )}
    </div>
  );
}

/** Files on their way, each with how far it is. */
export function Uploads({
  uploads,
  cancel,
  retry,
  clear,
}: Pick<ReturnType<typeof useUploads>, "uploads" | "cancel" | "retry" | "clear">) {
  if (uploads.length === 0) return null;
  const open = uploads.filter(({ state }) => state === "waiting" || state === "sending").length;
  return (
    <section className="card stack tight" aria-label="Uploads">
      <div className="row apart">
        <h3>{open > 0 ? `Uploading ${count(open, "file")}` : "Uploads"}</h3>
        {open < uploads.length && (
          <Button small kind="plain" onClick={clear}>
            Clear
          </Button>
        )}
      </div>
      <ul className="blobs-uploads">
        {uploads.map((upload) => (
          <UploadRow
            key={upload.id}
            upload={upload}
            onCancel={() => cancel(upload.id)}
            onRetry={() => retry(upload.id)}
          />
        ))}
      </ul>
    </section>
  );
}

function UploadRow({
  upload,
  onCancel,
  onRetry,
}: {
  upload: Upload;
  onCancel: () => void;
  onRetry: () => void;
}) {
  const { key, file, state, sent, error } = upload;
  const isOpen = state === "waiting" || state === "sending";
  return (
    <li>
      <div className="row">
        <code className="cut grow" title={key}>
          {key}
        </code>
        <span className="quiet small">
          {state === "sending" ? `${sayBytes(sent)} of ${sayBytes(file.size)}` : state}
        </span>
        {isOpen && (
          <IconButton small label={`Cancel ${key}`} onClick={onCancel}>
            <X size={15} />
          </IconButton>
        )}
        {(state === "failed" || state === "cancelled") && (
          <IconButton small label={`Try ${key} again`} onClick={onRetry}>
            <RotateCw size={15} />
          </IconButton>
        )}
        {state === "done" && <Check size={15} aria-hidden />}
      </div>
      {isOpen && <progress aria-label={`Upload of ${key}`} max={Math.max(file.size, 1)} value={sent} />}
      {error !== undefined && (
        <div className="bad small" role="alert">
          {error}
        </div>
      )}
    </li>
  );
}
