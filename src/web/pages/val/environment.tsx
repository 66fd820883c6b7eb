import "./panel.css";
import "./environment.css";
import { useQuery } from "@tanstack/react-query";
import { ClipboardPaste, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { MAX_ENVIRONMENT, MAX_VARIABLE } from "../../../val/environment.ts";
import { call } from "../../client/call.ts";
import type { Row } from "../../client/contract.ts";
import { invalidate, queryAll } from "../../client/queries.ts";
import { useTitle } from "../../shell/title.ts";
import { Button, CopyButton, IconButton } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Ago, count } from "../../ui/small.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { useVal } from "./context.ts";
import { PasteDialog } from "./environment-paste.tsx";
import { VariableDialog } from "./environment-variable.tsx";
import { ForWriters } from "./for-writers.tsx";

type Variable = Row<"listVariables">;
type Open =
  | { readonly what: "add" | "paste" }
  | { readonly what: "change" | "delete"; readonly one: Variable };

/** Environment variables of a val. */
export function Environment() {
  useTitle("Environment variables");
  return (
    <ForWriters what="environment variables">
      <Variables />
    </ForWriters>
  );
}

function Variables() {
  const { val } = useVal();
  const asked = useQuery(queryAll("listVariables", { params: { val_id: val.id } }));
  const [open, setOpen] = useState<Open>();
  const known = asked.data ?? [];
  const close = () => setOpen(undefined);
  return (
    <div className="page stack">
      <div className="panel-bar">
        <h2>Environment variables</h2>
        <Button icon={<ClipboardPaste size={16} />} onClick={() => setOpen({ what: "paste" })}>
          Paste .env
        </Button>
        <Button kind="primary" icon={<Plus size={16} />} onClick={() => setOpen({ what: "add" })}>
          Add variable
        </Button>
      </div>
      <p className="quiet">
        Code of this val reads them with <code>Deno.env.get("NAME")</code>, in every branch. Values are
        written, and never shown again to anybody. After a change the val starts anew with it.
      </p>
      <Loaded query={asked}>{(variables) => <Table variables={variables} onOpen={setOpen} />}</Loaded>
      <p className="quiet small">
        {count(known.length, "variable")}. A value has at most {MAX_VARIABLE.toLocaleString("en")} characters,
        all of a val together {MAX_ENVIRONMENT / 1024} KB.
      </p>
      {open?.what === "add" && <VariableDialog taken={known.map(({ key }) => key)} onClose={close} />}
      {open?.what === "change" && <VariableDialog variable={open.one} taken={[]} onClose={close} />}
      {open?.what === "paste" && <PasteDialog known={known} onClose={close} />}
      {open?.what === "delete" && <DeleteVariable variable={open.one} onClose={close} />}
    </div>
  );
}

function Table({ variables, onOpen }: { variables: readonly Variable[]; onOpen: (open: Open) => void }) {
  if (variables.length === 0) {
    return (
      <div className="card">
        <Empty
          title="No variables yet"
          action={
            <Button kind="primary" onClick={() => onOpen({ what: "add" })}>
              Add the first one
            </Button>
          }
        >
          Keep keys and passwords here rather than in code, which others may read.
        </Empty>
      </div>
    );
  }
  return (
    <div className="table-wrap">
      <table className="table panel-table">
        <thead>
          <tr>
            <th>Name</th>
            <th>Description</th>
            <th className="environment-when">Changed</th>
            <th>
              <span className="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {variables.map((one) => (
            <VariableRow key={one.key} variable={one} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function VariableRow({ variable, onOpen }: { variable: Variable; onOpen: (open: Open) => void }) {
  const { key, description, createdAt, updatedAt } = variable;
  return (
    <tr>
      <td>
        <div className="panel-line environment-name">
          <code className="cut" title={key}>
            {key}
          </code>
          <CopyButton text={`Deno.env.get(${JSON.stringify(key)})`} label={`Copy code that reads ${key}`} />
        </div>
      </td>
      <td className="quiet environment-about">{description}</td>
      <td className="when quiet environment-when">
        <Ago at={updatedAt ?? createdAt} />
      </td>
      <td className="acts">
        <IconButton label={`Change ${key}`} onClick={() => onOpen({ what: "change", one: variable })}>
          <Pencil size={16} />
        </IconButton>
        <IconButton label={`Delete ${key}`} onClick={() => onOpen({ what: "delete", one: variable })}>
          <Trash2 size={16} />
        </IconButton>
      </td>
    </tr>
  );
}

function DeleteVariable({ variable: { key }, onClose }: { variable: Variable; onClose: () => void }) {
  const { val } = useVal();
  const remove = async () => {
    await call("deleteVariable", { params: { val_id: val.id, key } });
    await invalidate("listVariables");
    toast(`${key} is deleted.`);
  };
  return (
    <Confirm
      title={`Delete ${key}?`}
      text="The val starts anew without it, and nobody can get its value back: this cannot be undone."
      action="Delete variable"
      onConfirm={remove}
      onClose={onClose}
    />
  );
}
