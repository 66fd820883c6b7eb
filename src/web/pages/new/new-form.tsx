import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useState } from "react";
import { MAX_DESCRIPTION, MAX_NAME, valNameProblem } from "../../../val/name.ts";
import { boot, signInPath } from "../../client/boot.ts";
import { call } from "../../client/call.ts";
import { Problem, sayProblem } from "../../client/problem.ts";
import { invalidate, query } from "../../client/queries.ts";
import { Button, buttonClass } from "../../ui/button.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import { Note } from "../../ui/states.tsx";
import type { NewFile } from "./templates.ts";

type Privacy = "public" | "unlisted" | "private";
const PRIVACIES: readonly [privacy: Privacy, label: string][] = [
  ["public", "Public: everyone finds and reads it"],
  ["unlisted", "Unlisted: who has the link reads it"],
  ["private", "Private: only you read it"],
];

/** Asks what the new val is called, and makes it. */
export function NewForm(props: {
  suggestion: string;
  files: readonly NewFile[];
  /** More fields. */
  children?: ReactNode;
}) {
  if (boot.viewer !== null) return <Form {...props} user={boot.viewer} />;
  return (
    <div className="new-form stack">
      {props.children}
      <Note>Sign in to make it yours. You come back to this page, with what you have chosen.</Note>
      <a className={buttonClass({ kind: "primary" })} href={signInPath()}>
        Sign in to create
      </a>
    </div>
  );
}

function Form({
  suggestion,
  files,
  children,
  user,
}: Parameters<typeof NewForm>[0] & { user: { id: string; username: string } }) {
  const orgs = useQuery(query("listOrgs", { query: { limit: "100" } }));
  const [owner, setOwner] = useState(user.username);
  const orgId = orgs.data?.data.find(({ username }) => username === owner)?.id;
  const names = useNames(owner);
  const [typed, setTyped] = useState<string>();
  const name = typed ?? freeName(suggestion, names);
  const [description, setDescription] = useState("");
  const [privacy, setPrivacy] = useState<Privacy>("public");
  const { busy, problem, create } = useCreate(owner);
  const wrong = name === "" ? undefined : (nameProblem(name, names, owner) ?? problem?.name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wrong !== undefined && problem === undefined) return;
    void create({ name, privacy, description: description || null, orgId: orgId ?? null, files: [...files] });
  };
  return (
    <form className="new-form stack" onSubmit={submit}>
      {children}
      <Field label="Name" hint={`It lives at /x/${owner}/${name}`} wrong={wrong}>
        <Input
          value={name}
          onChange={({ target }) => setTyped(target.value)}
          maxLength={MAX_NAME}
          required
          spellCheck={false}
          autoCapitalize="none"
        />
      </Field>
      <Field label="Description" hint="One line, if you like">
        <Input
          value={description}
          onChange={({ target }) => setDescription(target.value)}
          maxLength={MAX_DESCRIPTION}
        />
      </Field>
      <Field label="Who may see the code" hint="Its endpoint answers anyone who knows the address.">
        <Select value={privacy} onChange={({ target }) => setPrivacy(target.value as Privacy)}>
          {PRIVACIES.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      {orgs.data !== undefined && orgs.data.data.length > 0 && (
        <Field label="Owner">
          <Select value={owner} onChange={({ target }) => setOwner(target.value)}>
            <option>{user.username}</option>
            {orgs.data.data.map(({ id, username }) => (
              <option key={id}>{username}</option>
            ))}
          </Select>
        </Field>
      )}
      {problem?.other !== undefined && <Note kind="bad">{problem.other}</Note>}
      <Button kind="primary" type="submit" busy={busy}>
        Create val
      </Button>
    </form>
  );
}

interface NewVal {
  readonly name: string;
  readonly privacy: Privacy;
  readonly description: string | null;
  readonly orgId: string | null;
  readonly files: NewFile[];
}

/** Makes the val and goes to it; whether it could be built is told there. */
function useCreate(owner: string) {
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<{ name?: string; other?: string }>();
  const create = async (json: NewVal) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const made = await call("createVal", { json });
      await invalidate("listTownVals", "listMyVals");
      await navigate({ to: "/x/$user/$val", params: { user: owner, val: made.name } });
    } catch (error) {
      const text = sayProblem(error);
      setProblem(error instanceof Problem && error.status === 409 ? { name: text } : { other: text });
      setBusy(false);
    }
  };
  return { busy, problem, create };
}

/** Names that this owner has used, as far as is known. */
function useNames(owner: string): ReadonlySet<string> {
  const vals = useQuery(query("listTownVals", { query: { username: owner, limit: "100" } }));
  return new Set(vals.data?.data.map(({ name }) => name));
}

function freeName(base: string, taken: ReadonlySet<string>): string {
  let name = base;
  for (let n = 2; taken.has(name); n++) name = `${base}${n}`;
  return name;
}

function nameProblem(name: string, taken: ReadonlySet<string>, owner: string): string | undefined {
  return valNameProblem(name) ?? (taken.has(name) ? `${owner} has a val of this name already.` : undefined);
}
