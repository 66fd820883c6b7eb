/** What the editor is given and says; free of CodeMirror, so that pages can name it without loading it. */

/** Something that is wrong at a place; lines and columns count from 1. */
export interface Mark {
  readonly message: string;
  readonly line: number;
  readonly column?: number;
  readonly severity?: "error" | "warning" | "info";
}

export interface EditorProps {
  /** What it shows. A new text replaces what is there, and can be undone. */
  readonly text: string;
  /** Decides the language; within `project` it is also the name under which other files import it. */
  readonly path: string;
  readonly onChange?: (text: string) => void;
  readonly onSave?: () => void;
  readonly onRun?: () => void;
  readonly onFormat?: () => void;
  /** Shown in the text and in its margin. */
  readonly diagnostics?: readonly Mark[];
  readonly readOnly?: boolean;
  /** For screen readers. */
  readonly label?: string;
  /** The files that the types are checked with; without it there are none. */
  readonly project?: Project;
  /** A place to go to; a new object goes there again. */
  readonly goTo?: { readonly line: number; readonly column?: number };
  /** Take the keyboard as soon as it is there. */
  readonly autoFocus?: boolean;
}

/** Files that know each other. */
export interface Project {
  /** Tells one project from another. */
  readonly key: string;
  readonly files: ReadonlyMap<string, string>;
}

export interface CodeViewProps {
  readonly text: string;
  /** One of `languageOf`'s; else `path` decides. */
  readonly language?: Language;
  readonly path?: string;
  readonly label?: string;
}

/** What can be highlighted. */
export type Language = "ts" | "tsx" | "js" | "jsx" | "json" | "md" | "html" | "css" | "sql" | "text";
