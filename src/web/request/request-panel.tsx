/** A request to an endpoint, written by hand, and its answer. */

import { Send, Square } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Button } from "../ui/button.tsx";
import { Select } from "../ui/field.tsx";
import { Keys } from "../ui/small.tsx";
import { Note } from "../ui/states.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { Answer } from "./answer.tsx";
import { BodyField } from "./body-field.tsx";
import { type Draft, FRESH, METHODS, takesBody, toWanted, wrongWith } from "./draft.ts";
import { Exchange } from "./exchange.ts";
import { HEADERS, Pairs } from "./pairs.tsx";
import { forget, type Past, pastOf, remember } from "./past.ts";
import { PastList } from "./past-list.tsx";

export interface RequestProps {
  readonly file: { readonly id: string; readonly endpoint: string };
  /** Sends again when it grows. */
  readonly sends: number;
}

/** Method, path, headers, body; then what came of it. */
export function RequestPanel({ file, sends }: RequestProps) {
  const [past, setPast] = useState(() => pastOf(file.id));
  const [draft, setDraft] = useState<Draft>(() => past[0]?.draft ?? FRESH);
  const [upload, setUpload] = useState<File>();
  const [wrong, setWrong] = useState<string>();
  const [sent, setSent] = useState<Sent>();
  const { state, open } = useExchange(sent, (one) => setPast((list) => remember(file.id, list, one)));
  useEffect(() => () => sent?.exchange.cancel(), [sent]);

  const send = (one: Draft = draft) => {
    const problem = wrongWith(one, upload);
    setWrong(problem);
    if (problem !== undefined) return;
    sent?.exchange.cancel();
    setSent({ draft: one, exchange: new Exchange(file.id, toWanted(one, upload)) });
  };
  const last = useRef(sends);
  useEffect(() => {
    if (last.current === sends) return;
    last.current = sends;
    send();
  });
  const edit = (next: Draft) => {
    setDraft(next);
    setWrong(undefined);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    event.stopPropagation();
    send();
  };
  const load = (one: Past, again: boolean) => {
    edit(one.draft);
    if (again) send(one.draft);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a shortcut; the button does the same
    <div className="request" onKeyDown={press}>
      <Line {...{ draft, edit, open, send, cancel: () => sent?.exchange.cancel() }} />
      {wrong !== undefined && <Note kind="bad">{wrong}</Note>}
      <Parts
        {...{ draft, edit, past, load, upload, setUpload }}
        onForget={() => {
          forget(file.id);
          setPast([]);
        }}
      />
      {sent && (
        <Answer
          key={sent.exchange.recording.startedAt}
          {...{ exchange: sent.exchange, draft: sent.draft, endpoint: file.endpoint, state }}
          onFollow={(path) => {
            const next = { ...FRESH, path };
            edit(next);
            send(next);
          }}
        />
      )}
      {!sent && (
        <p className="quiet small">
          Press Send, or <Keys keys="Mod+Enter" />. What comes back is drawn as it comes.
        </p>
      )}
    </div>
  );
}

interface Sent {
  readonly draft: Draft;
  readonly exchange: Exchange;
}

/** How it stands with what was sent; `ended` is told once. */
function useExchange(sent: Sent | undefined, ended: (past: Past) => void) {
  const [state, setState] = useState("none");
  const tell = useRef(ended);
  tell.current = ended;
  useEffect(() => {
    if (sent === undefined) return;
    const { exchange, draft } = sent;
    const { recording } = exchange;
    let told = false;
    const changed = () => {
      setState(`${recording.end} ${exchange.answered?.status ?? ""}`);
      if (recording.end === "open" || told) return;
      told = true;
      const status = exchange.answered?.status ?? null;
      tell.current({ at: Date.now(), draft, status, ms: recording.lastMs ?? 0 });
    };
    changed();
    return recording.follow(changed);
  }, [sent]);
  return { state, open: sent?.exchange.recording.end === "open" };
}

interface LineProps {
  readonly draft: Draft;
  readonly edit: (draft: Draft) => void;
  readonly open: boolean;
  readonly send: () => void;
  readonly cancel: () => void;
}

function Line({ draft, edit, open, send, cancel }: LineProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  return (
    <form className="request-line" onSubmit={submit}>
      <Select
        className="request-method"
        aria-label="Method"
        value={draft.method}
        onChange={(event) => edit({ ...draft, method: event.target.value })}
      >
        {METHODS.map((method) => (
          <option key={method}>{method}</option>
        ))}
      </Select>
      <input
        className="input mono"
        aria-label="Path with query"
        {...{ value: draft.path, spellCheck: false, autoComplete: "off" }}
        onChange={(event) => edit({ ...draft, path: event.target.value })}
      />
      {open ? (
        // Another button than the one that sends: a press that cancels must not end as one that sends.
        <Button key="cancel" icon={<Square size={13} aria-hidden />} onClick={cancel}>
          Cancel
        </Button>
      ) : (
        <Button key="send" kind="primary" type="submit" icon={<Send size={14} aria-hidden />}>
          Send
        </Button>
      )}
    </form>
  );
}

interface PartsProps {
  readonly draft: Draft;
  readonly edit: (draft: Draft) => void;
  readonly past: readonly Past[];
  readonly load: (past: Past, again: boolean) => void;
  readonly onForget: () => void;
  readonly upload: File | undefined;
  readonly setUpload: (file: File | undefined) => void;
}

function Parts({ draft, edit, past, load, onForget, upload, setUpload }: PartsProps) {
  const [tab, setTab] = useState("headers");
  const [method, setMethod] = useState(draft.method);
  if (method !== draft.method) {
    // Who chooses a method that has a body wants to write it.
    setMethod(draft.method);
    if (takesBody(draft.method)) setTab("body");
  }
  const number = (n: number) => n > 0 && <span className="quiet small">{n}</span>;
  return (
    <div className="request-parts">
      <Tabs
        label="Parts of the request"
        value={tab}
        onChange={setTab}
        tabs={[
          {
            name: "headers",
            label: <>Headers {number(draft.headers.length)}</>,
            content: (
              <Pairs
                one="Header"
                suggest={HEADERS}
                pairs={draft.headers}
                onChange={(headers) => edit({ ...draft, headers })}
              />
            ),
          },
          {
            name: "body",
            label: "Body",
            content: <BodyField draft={draft} onChange={edit} file={upload} onFile={setUpload} />,
          },
          {
            name: "history",
            label: <>History {number(past.length)}</>,
            content: <PastList past={past} load={load} onForget={onForget} />,
          },
        ]}
      />
    </div>
  );
}
