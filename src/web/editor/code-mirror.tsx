/** CodeMirror within React: it keeps its own state, and is told of what changes around it. */

import { Annotation, Compartment, EditorState, type Extension, Prec } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { changeBetween } from "./change.ts";
import { isScript, languageOf } from "./language.ts";
import { loadLanguage } from "./languages.ts";
import { marks, showMarks } from "./marks.ts";
import { editing, viewing } from "./setup.ts";
import type { CodeViewProps, EditorProps, Language, Mark } from "./types.ts";

const NO_MARKS: readonly Mark[] = [];
/** A change that comes from the page, not from who types. */
const fromPage = Annotation.define<true>();

const language = new Compartment();
const access = new Compartment();
const types = new Compartment();

const accessOf = (readOnly: boolean, label: string): Extension => [
  EditorState.readOnly.of(readOnly),
  EditorView.contentAttributes.of({
    "aria-label": label,
    // A text that can be written in has the keyboard anyway; not every checker knows.
    tabindex: "0",
    ...(readOnly && { "aria-readonly": "true" }),
    spellcheck: "false",
  }),
];

function useLanguage(view: React.RefObject<EditorView | null>, name: Language): void {
  useEffect(() => {
    let left = false;
    loadLanguage(name).then(
      (extension) => left || view.current?.dispatch({ effects: language.reconfigure(extension) }),
      // Without its colours a text can be read and written all the same.
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, [view, name]);
}

/** Keys of the page, and what it is told of. The latest handlers are used, whichever were there at first. */
function listening(latest: { readonly current: EditorProps }, told: { current: string }): Extension {
  const key = (handler: "onSave" | "onRun" | "onFormat") => () => {
    latest.current[handler]?.();
    return latest.current[handler] !== undefined;
  };
  return [
    Prec.highest(
      keymap.of([
        { key: "Mod-s", run: key("onSave"), preventDefault: true },
        { key: "Mod-Enter", run: key("onRun") },
        { key: "Shift-Alt-f", run: key("onFormat") },
      ]),
    ),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged || update.transactions.some((one) => one.annotation(fromPage))) return;
      told.current = update.state.doc.toString();
      latest.current.onChange?.(told.current);
    }),
  ];
}

/** The text of the page goes into the editor when it is another than the editor's, as far as that was told. */
function useText(view: React.RefObject<EditorView | null>, text: string, told?: { current: string }): void {
  useEffect(() => {
    const now = view.current;
    if (now === null || text === told?.current) return;
    if (told) told.current = text;
    const change = changeBetween(now.state.doc.toString(), text);
    if (change) now.dispatch({ changes: change, annotations: fromPage.of(true) });
  }, [view, text, told]);
}

function useGoTo(view: React.RefObject<EditorView | null>, goTo: EditorProps["goTo"]): void {
  useEffect(() => {
    const now = view.current;
    if (now === null || goTo === undefined) return;
    const line = now.state.doc.line(Math.min(Math.max(goTo.line, 1), now.state.doc.lines));
    const at = Math.min(line.from + Math.max((goTo.column ?? 1) - 1, 0), line.to);
    now.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    now.focus();
  }, [view, goTo]);
}

function useTypes(view: React.RefObject<EditorView | null>, { project, path }: EditorProps): void {
  const key = isScript(languageOf(path)) ? project?.key : undefined;
  const latest = useRef(project);
  latest.current = project;
  useEffect(() => {
    const files = latest.current;
    if (key === undefined || files === undefined) return;
    let left = false;
    const ready = import("./typescript.ts").then(({ typesOf }) => typesOf(files, path));
    ready.then(
      (extension) => left || view.current?.dispatch({ effects: types.reconfigure(extension) }),
      // A file can be written without; the build finds what is wrong.
      () => undefined,
    );
    return () => {
      left = true;
      view.current?.dispatch({ effects: types.reconfigure([]) });
    };
  }, [view, key, path]);
  useEffect(() => {
    if (key === undefined || project === undefined) return;
    import("./typescript.ts").then(({ setProject }) => setProject(project, path)).catch(() => undefined);
  }, [key, project, path]);
}

/** See `Editor` in editor.tsx. */
export function CodeMirror(props: EditorProps) {
  const { text, path, diagnostics = NO_MARKS, readOnly = false, label = path } = props;
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(props);
  latest.current = props;
  const told = useRef(text);
  useEffect(() => {
    const first = latest.current;
    const extensions = [
      listening(latest, told),
      editing,
      marks,
      language.of([]),
      types.of([]),
      access.of(accessOf(first.readOnly ?? false, first.label ?? first.path)),
    ];
    const made = new EditorView({ doc: first.text, extensions, parent: place.current! });
    view.current = made;
    if (first.autoFocus) made.focus();
    return () => {
      view.current = null;
      made.destroy();
    };
  }, []);
  useLanguage(view, languageOf(path));
  useText(view, text, told);
  useTypes(view, props);
  useGoTo(view, props.goTo);
  useEffect(() => {
    view.current?.dispatch({ effects: access.reconfigure(accessOf(readOnly, label)) });
  }, [readOnly, label]);
  useEffect(() => {
    if (view.current) showMarks(view.current, diagnostics);
  }, [diagnostics]);
  return <div className="editor-place" ref={place} />;
}

/** See `CodeView` in editor.tsx. */
export function CodeMirrorView({ text, path = "", language: named, label = path || "Code" }: CodeViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const first = useRef({ text, label });
  useEffect(() => {
    const extensions = [
      viewing,
      language.of([]),
      access.of([accessOf(true, first.current.label), EditorView.lineWrapping]),
    ];
    const made = new EditorView({ doc: first.current.text, extensions, parent: place.current! });
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
  }, []);
  useLanguage(view, named ?? languageOf(path));
  useText(view, text);
  return <div className="editor-place" ref={place} />;
}
