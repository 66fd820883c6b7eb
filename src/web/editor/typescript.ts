/** What TypeScript knows of a file, as extensions of the editor. */

import { autocompletion } from "@codemirror/autocomplete";
import type { Extension, Text } from "@codemirror/state";
import { ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { tsAutocompleteWorker, tsFacetWorker, tsHoverWorker, tsLinterWorker } from "@valtown/codemirror-ts";
import { type Remote, wrap } from "comlink";
import type { Project } from "./types.ts";
import type { TypesWorker } from "./types-worker.ts";
import Worker from "./types-worker.ts?worker";

/** Larger texts are not looked at: that would take longer than anybody waits. */
const MOST_CHARS = 200_000;

let started: Promise<Remote<TypesWorker>> | undefined;
let stop: (() => void) | undefined;

/** One for the page, from the first file that wants it. */
function start(): Promise<Remote<TypesWorker>> {
  started ??= (async () => {
    const worker = new Worker();
    const remote = wrap<TypesWorker>(worker);
    const broken = new Promise<never>((_, reject) => {
      worker.onerror = () => reject(new Error("The editor's TypeScript could not be started."));
    });
    stop = () => worker.terminate();
    await Promise.race([remote.initialize(), broken]);
    return remote;
  })();
  started.catch(() => {
    started = undefined;
    stop?.();
  });
  return started;
}

/** The other files of the project as they are now. */
export async function setProject(project: Project, path: string): Promise<void> {
  const worker = await start();
  const files = new Map([...project.files].map(([each, text]) => [`/${each}`, text]));
  await worker.setFiles(files, `/${path}`);
}

/** Errors, completions and hovers for one file of a project. */
export async function typesOf(project: Project, path: string): Promise<Extension> {
  const worker = await start();
  await setProject(project, path);
  const own = `/${path}`;
  return [
    // The remote has what these ask for, all of it as promises.
    tsFacetWorker.of({ worker: worker as never, path: own }),
    ViewPlugin.define((view) => {
      const tell = (doc: Text) =>
        void worker.updateFile({ path: own, code: (doc.length <= MOST_CHARS && doc.toString()) || " " });
      tell(view.state.doc);
      return { update: ({ docChanged, state }: ViewUpdate) => void (docChanged && tell(state.doc)) };
    }),
    tsLinterWorker(),
    autocompletion({ override: [tsAutocompleteWorker()] }),
    tsHoverWorker({ renderTooltip: (info) => ({ dom: describe(info) }) }),
  ];
}

type Hover = NonNullable<Awaited<ReturnType<TypesWorker["getHover"]>>>;

/** What it is, and below that what is said about it. */
function describe({ quickInfo }: Hover): HTMLElement {
  const dom = document.createElement("div");
  dom.className = "editor-hover";
  const type = dom.appendChild(document.createElement("code"));
  for (const { kind, text } of quickInfo?.displayParts ?? []) {
    const part = type.appendChild(document.createElement("span"));
    part.className = `of-${kind}`;
    part.textContent = text;
  }
  const said = (quickInfo?.documentation ?? []).map(({ text }) => text).join("");
  if (said !== "") dom.appendChild(document.createElement("p")).textContent = said;
  return dom;
}
