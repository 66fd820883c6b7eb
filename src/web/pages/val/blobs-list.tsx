import { Download, File, Folder as FolderIcon } from "lucide-react";
import { useState } from "react";
import { Button, buttonClass } from "../../ui/button.tsx";
import { Ago, count, sayBytes } from "../../ui/small.tsx";
import { Empty } from "../../ui/states.tsx";
import type { Blob, Folder } from "./blob-keys.ts";
import { blobPath } from "./blob-path.ts";
import { useVal } from "./context.ts";

/** So many rows are shown at first, and with each press more of them. */
const ROWS = 200;

interface ListProps {
  readonly folders: readonly Folder[];
  readonly blobs: readonly Blob[];
  readonly prefix: string;
  readonly chosen: ReadonlySet<string>;
  readonly onChosen: (chosen: ReadonlySet<string>) => void;
  readonly onGo: (prefix: string) => void;
  readonly onShow: (blob: Blob) => void;
}

/** Folders and blobs of one place. */
export function BlobList(props: ListProps) {
  const { folders, blobs, prefix, onGo, onShow, chosen, onChosen } = props;
  const [rows, setRows] = useState(ROWS);
  if (folders.length === 0 && blobs.length === 0) {
    return (
      <div className="card">
        <Empty title={prefix === "" ? "No blobs yet" : "Nothing begins with this"}>
          {prefix === ""
            ? "Code of this val keeps files and other values here. You can upload some, too: press the button or drop them here."
            : "Keys are case-sensitive."}
        </Empty>
      </div>
    );
  }
  const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  const toggle = (key: string) => {
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    onChosen(next);
  };
  return (
    <>
      <div className="table-wrap">
        <table className="table panel-table blobs-table" aria-label="Blobs">
          <Head {...props} />
          <tbody>
            {folders.map((one) => (
              <FolderRow key={one.prefix} folder={one} onGo={onGo} />
            ))}
            {blobs.slice(0, rows).map((blob) => (
              <BlobRow
                key={blob.key}
                blob={blob}
                name={blob.key.slice(folder.length) || blob.key}
                isChosen={chosen.has(blob.key)}
                onToggle={() => toggle(blob.key)}
                onShow={() => onShow(blob)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {blobs.length > rows && (
        <Button onClick={() => setRows(rows + 5 * ROWS)}>
          Show more of {(blobs.length - rows).toLocaleString("en")}
        </Button>
      )}
    </>
  );
}

function Head({ blobs, chosen, onChosen }: ListProps) {
  const all = blobs.length > 0 && blobs.every(({ key }) => chosen.has(key));
  return (
    <thead>
      <tr>
        <th className="blobs-check">
          <input
            type="checkbox"
            aria-label="Select all blobs here"
            checked={all}
            disabled={blobs.length === 0}
            onChange={() => onChosen(new Set(all ? [] : blobs.map(({ key }) => key)))}
          />
        </th>
        <th>Name</th>
        <th>Size</th>
        <th>Changed</th>
        <th>
          <span className="unseen">Download</span>
        </th>
      </tr>
    </thead>
  );
}

function FolderRow({ folder, onGo }: { folder: Folder; onGo: (prefix: string) => void }) {
  return (
    <tr>
      <td />
      <td>
        <button type="button" className="blobs-name" onClick={() => onGo(folder.prefix)}>
          <FolderIcon size={16} aria-hidden />
          <span className="cut">{folder.name}</span>
        </button>
      </td>
      <td className="num quiet">{sayBytes(folder.size)}</td>
      <td className="quiet">{count(folder.count, "blob")}</td>
      <td />
    </tr>
  );
}

function BlobRow({
  blob,
  name,
  isChosen,
  onToggle,
  onShow,
}: {
  blob: Blob;
  name: string;
  isChosen: boolean;
  onToggle: () => void;
  onShow: () => void;
}) {
  const { val } = useVal();
  return (
    <tr>
      <td className="blobs-check">
        <input type="checkbox" aria-label={`Select ${name}`} checked={isChosen} onChange={onToggle} />
      </td>
      <td>
        <button type="button" className="blobs-name" title={blob.key} onClick={onShow}>
          <File size={16} aria-hidden />
          <span className="cut">{name}</span>
        </button>
      </td>
      <td className="num quiet">{sayBytes(blob.size)}</td>
      <td className="when quiet">
        <Ago at={blob.lastModified} />
      </td>
      <td className="acts">
        <a
          className={buttonClass({ kind: "plain", small: true }, "icon")}
          href={blobPath(val.id, blob.key)}
          download={fileNameOf(blob.key)}
          title="Download"
          aria-label={`Download ${name}`}
        >
          <Download size={15} />
        </a>
      </td>
    </tr>
  );
}

/** What follows the last slash. */
export const fileNameOf = (key: string): string => key.split("/").filter(Boolean).at(-1) ?? "blob";
