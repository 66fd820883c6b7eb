import { useQuery } from "@tanstack/react-query";
import { ExternalLink, RotateCw } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { invalidate, query } from "../client/queries.ts";
import { buttonClass, IconButton } from "../ui/button.tsx";

export interface PreviewProps {
  readonly file: { readonly id: string; readonly endpoint: string };
  /** Both load it anew when they grow. */
  readonly saved: number;
  readonly reloads: number;
}

/** The endpoint in a frame. It is on a host of its own, so that nothing of the town is within its reach. */
export function Preview({ file, saved, reloads }: PreviewProps) {
  const { endpoint } = file;
  const [path, setPath] = useState("/");
  const [typed, setTyped] = useState("/");
  const [loading, setLoading] = useState(true);
  const [turn, setTurn] = useState(0);
  const reload = () => {
    setLoading(true);
    setTurn((n) => n + 1);
  };
  const seen = useRef(saved + reloads);
  useEffect(() => {
    if (seen.current === saved + reloads) return;
    seen.current = saved + reloads;
    void invalidate("getFile");
    setLoading(true);
    setTurn((n) => n + 1);
  }, [saved, reloads]);
  const go = (event: FormEvent) => {
    event.preventDefault();
    const wanted = toPath(typed, endpoint);
    setTyped(wanted);
    setPath(wanted);
    reload();
  };
  const url = `${endpoint}${path}`;
  return (
    <div className="preview">
      <form className="preview-bar" onSubmit={go}>
        <IconButton label="Reload the preview" small onClick={reload}>
          <RotateCw size={15} className={loading ? "preview-turning" : ""} />
        </IconButton>
        <input
          className="input mono"
          aria-label="Path of the preview"
          spellCheck={false}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <a
          className={buttonClass({ kind: "plain", small: true }, "icon")}
          href={url}
          target="_blank"
          rel="noreferrer"
          title="Open in a new tab"
          aria-label="Open in a new tab"
        >
          <ExternalLink size={15} />
        </a>
      </form>
      <BuildNote fileId={file.id} />
      <iframe
        key={turn}
        className="preview-frame"
        title="Preview"
        src={url}
        sandbox="allow-scripts allow-forms allow-same-origin allow-popups allow-modals allow-downloads"
        referrerPolicy="no-referrer"
        onLoad={() => setLoading(false)}
      />
      <p className="preview-hint quiet small">
        Blank? It may forbid frames (X-Frame-Options). Open it in a tab.
      </p>
    </div>
  );
}

/** What is shown is not what was saved last, when that could not be built. */
function BuildNote({ fileId }: { fileId: string }) {
  const { data } = useQuery(query("getFile", { params: { file_id: fileId } }));
  const first = data?.diagnostics?.[0];
  if (first === undefined) return null;
  return (
    <div className="preview-failed small" role="status">
      <strong>The last save could not be built</strong>, so the version before it answers, if there is one.{" "}
      <span className="mono">
        {first.file !== undefined && `${first.file}:${first.line ?? 1} `}
        {first.message}
      </span>
    </div>
  );
}

/** A path from what was typed: a whole address of this endpoint will do, too. */
function toPath(typed: string, endpoint: string): string {
  const text = typed.trim();
  const path = text.startsWith(endpoint) ? text.slice(endpoint.length) : text;
  return path.startsWith("/") ? path : `/${path}`;
}
