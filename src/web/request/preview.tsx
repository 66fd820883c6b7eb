import { ExternalLink, RotateCw } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { buttonClass, IconButton } from "../ui/button.tsx";

/** The endpoint in a frame. It is on a host of its own, so that nothing of the town is within its reach. */
export function Preview({ endpoint, reloads }: { endpoint: string; reloads: number }) {
  const [path, setPath] = useState("/");
  const [typed, setTyped] = useState("/");
  const [loading, setLoading] = useState(true);
  const [turn, setTurn] = useState(0);
  const seen = useRef(reloads);
  const reload = () => {
    setLoading(true);
    setTurn((n) => n + 1);
  };
  useEffect(() => {
    if (seen.current === reloads) return;
    seen.current = reloads;
    setLoading(true);
    setTurn((n) => n + 1);
  }, [reloads]);
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
        Blank? A val may forbid frames (<code>X-Frame-Options</code>): open it in a tab.
      </p>
    </div>
  );
}

/** A path from what was typed: a whole address of this endpoint will do, too. */
function toPath(typed: string, endpoint: string): string {
  const text = typed.trim();
  const path = text.startsWith(endpoint) ? text.slice(endpoint.length) : text;
  return path.startsWith("/") ? path : `/${path}`;
}
