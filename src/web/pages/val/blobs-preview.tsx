import { useQuery } from "@tanstack/react-query";
import { Download, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { toProblem } from "../../client/call.ts";
import { Button, buttonClass, CopyButton } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Ago, sayBytes } from "../../ui/small.tsx";
import { Loaded, Loading } from "../../ui/states.tsx";
import { type Blob, pictureType, readText } from "./blob-keys.ts";
import { blobPath } from "./blob-path.ts";
import { fileNameOf } from "./blobs-list.tsx";
import { useVal } from "./context.ts";

const TEXT_BYTES = 64 * 1024;
const PICTURE_BYTES = 20_000_000;

/** What can be shown of a blob. */
type Shown =
  | { readonly kind: "text"; readonly text: string; readonly isCut: boolean }
  | { readonly kind: "picture"; readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string }
  | { readonly kind: "none"; readonly why: string };

/** A blob with its size and date, and what it looks like: pictures, and the beginning of texts. */
export function BlobPreview({
  blob,
  onClose,
  onDelete,
}: {
  blob: Blob;
  onClose: () => void;
  onDelete: () => void;
}) {
  const { val } = useVal();
  const path = blobPath(val.id, blob.key);
  const asked = useQuery({
    queryKey: ["blob-preview", val.id, blob.key, blob.lastModified],
    queryFn: ({ signal }) => look(path, blob.size, signal),
    gcTime: 0,
  });
  return (
    <Dialog title={fileNameOf(blob.key)} wide onClose={onClose}>
      <div className="row wrap quiet small">
        <span className="panel-line">
          <code className="cut">{blob.key}</code>
          <CopyButton text={blob.key} label="Copy key" />
        </span>
        <span>{sayBytes(blob.size)}</span>
        <Ago at={blob.lastModified} />
      </div>
      <Loaded query={asked} loading={<Loading lines={6} />}>
        {(shown) => <Content shown={shown} name={blob.key} />}
      </Loaded>
      <div className="actions">
        <Button kind="danger" icon={<Trash2 size={15} />} onClick={onDelete}>
          Delete
        </Button>
        <span className="grow" />
        <a className={buttonClass()} href={path} download={fileNameOf(blob.key)}>
          <Download size={15} aria-hidden /> Download
        </a>
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

async function look(path: string, size: number, signal: AbortSignal): Promise<Shown> {
  const bytes = await fetchBytes(path, Math.min(size, TEXT_BYTES), signal);
  const type = pictureType(bytes);
  if (type !== undefined) {
    if (size > PICTURE_BYTES)
      return { kind: "none", why: `This picture is larger than ${sayBytes(PICTURE_BYTES)}.` };
    return { kind: "picture", bytes: await fetchBytes(path, size, signal), type };
  }
  const isCut = bytes.length < size;
  const text = readText(bytes, isCut);
  return text === undefined
    ? { kind: "none", why: "It is neither text nor a picture that is shown here." }
    : { kind: "text", text, isCut };
}

async function fetchBytes(path: string, size: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  if (size === 0) return new Uint8Array();
  const response = await fetch(path, { headers: { range: `bytes=0-${size - 1}` }, signal });
  if (!response.ok) throw await toProblem(response);
  return new Uint8Array(await response.arrayBuffer());
}

function Content({ shown, name }: { shown: Shown; name: string }) {
  if (shown.kind === "picture") return <Picture shown={shown} name={name} />;
  if (shown.kind === "none") return <p className="quiet">{shown.why}</p>;
  if (shown.text === "") return <p className="quiet">It is empty.</p>;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className="panel-log blobs-text" tabIndex={0}>
        {shown.text}
      </pre>
      {shown.isCut && <p className="quiet small">These are its first {TEXT_BYTES / 1024} KB.</p>}
    </>
  );
}

/** From the bytes that were looked at, with the type that they have: not what some server would say of them. */
function Picture({
  shown: { bytes, type },
  name,
}: {
  shown: Extract<Shown, { kind: "picture" }>;
  name: string;
}) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes, type]);
  return url === undefined ? <Loading lines={6} /> : <img className="blobs-picture" src={url} alt={name} />;
}
