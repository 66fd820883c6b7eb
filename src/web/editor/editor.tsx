/** The editor for pages: CodeMirror comes with the first use of it, and until then the text is there to be read. */

import "./editor.css";
import { Component, lazy, type ReactNode, Suspense } from "react";
import { Failed } from "../ui/states.tsx";
import type { CodeViewProps, EditorProps } from "./types.ts";

const Lazy = lazy(async () => ({ default: (await import("./code-mirror.tsx")).CodeMirror }));
const LazyView = lazy(async () => ({ default: (await import("./code-mirror.tsx")).CodeMirrorView }));
const PREVIEW_CHARS = 20_000;

/** The text as it will stand there: same type, same place. */
function Plain({ text }: { text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <pre className="editor-plain" tabIndex={0} aria-busy>
      {text.slice(0, PREVIEW_CHARS)}
    </pre>
  );
}

/** The chunk may be gone after an update of the town, or the network be away. */
class Boundary extends Component<{ text: string; children: ReactNode }, { error?: unknown }> {
  override state: { error?: unknown } = {};
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override render() {
    if (this.state.error === undefined) return this.props.children;
    return (
      <div className="editor-failed">
        <Failed error={new Error("The editor could not be loaded.")} onRetry={() => location.reload()} />
        <Plain text={this.props.text} />
      </div>
    );
  }
}

/** A text that can be written in, with all that CodeMirror can; fills its place. */
export function Editor(props: EditorProps) {
  return (
    <div className="editor">
      <Boundary text={props.text}>
        <Suspense fallback={<Plain text={props.text} />}>
          <Lazy {...props} />
        </Suspense>
      </Boundary>
    </div>
  );
}

/** A text to be read, highlighted; as high as it is, up to what its place allows. */
export function CodeView(props: CodeViewProps) {
  return (
    <div className="editor view">
      <Boundary text={props.text}>
        <Suspense fallback={<Plain text={props.text} />}>
          <LazyView {...props} />
        </Suspense>
      </Boundary>
    </div>
  );
}
