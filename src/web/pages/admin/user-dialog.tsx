import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { boot } from "../../client/boot.ts";
import { call } from "../../client/call.ts";
import { sayProblem } from "../../client/problem.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm, Dialog } from "../../ui/dialog.tsx";
import { Field, Input, Select } from "../../ui/field.tsx";
import { Note } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import type { TownUser } from "./users-query.ts";

type Tier = NonNullable<TownUser["tier"]>;
type Change = Parameters<typeof call<"updateUser">>[1]["json"];
type Asking = "suspend" | "unsuspend" | "admin" | "no-admin";

/** What one account may do. */
export function UserDialog({ user, onClose }: { user: TownUser; onClose: () => void }) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState<Asking>();
  const change = async (json: Change, said: string) => {
    await call("updateUser", { params: { user_id: user.id }, json });
    await queries.invalidateQueries({ queryKey: ["listUsers"] });
    toast(said);
    onClose();
  };
  if (asking !== undefined) {
    const { title, text, action, json, said } = questionOf(asking, user.username ?? "");
    return (
      <Confirm
        title={title}
        text={text}
        action={action}
        onConfirm={() => change(json, said)}
        onClose={() => setAsking(undefined)}
      />
    );
  }
  const self = user.id === boot.viewer?.id;
  return (
    <Dialog title={`Change ${user.username}`} onClose={onClose}>
      <Quotas
        user={user}
        onSave={(json) => change(json, `${user.username} was changed.`)}
        onClose={onClose}
      />
      <div className="row wrap">
        {user.type !== "org" && (
          <Button onClick={() => setAsking(user.admin ? "no-admin" : "admin")}>
            {user.admin ? "Take operator's rights" : "Make operator"}
          </Button>
        )}
        <Button
          kind="danger"
          disabled={self}
          onClick={() => setAsking(user.suspendedAt === null ? "suspend" : "unsuspend")}
        >
          {user.suspendedAt === null ? "Suspend" : "End the suspension"}
        </Button>
      </div>
    </Dialog>
  );
}

function questionOf(
  asking: Asking,
  name: string,
): { title: string; text: string; action: string; json: Change; said: string } {
  switch (asking) {
    case "suspend":
      return {
        title: `Suspend ${name}?`,
        text: "All sessions end and all tokens are refused, those of running vals too, until you take it back. Nothing is deleted.",
        ...{ action: "Suspend", json: { suspended: true }, said: `${name} is suspended.` },
      };
    case "unsuspend":
      return {
        title: `End the suspension of ${name}?`,
        text: "They can sign in again, and their tokens are good again.",
        ...{ action: "End the suspension", json: { suspended: false }, said: `${name} is back.` },
      };
    case "admin":
      return {
        title: `Make ${name} an operator?`,
        text: "Operators see all accounts, invite and suspend people, and can make others operators, or take that from you.",
        ...{ action: "Make operator", json: { admin: true }, said: `${name} is an operator now.` },
      };
    case "no-admin":
      return {
        title: `Take the operator's rights from ${name}?`,
        text: "The account stays as it is otherwise. The town keeps one operator at least.",
        ...{ action: "Take them", json: { admin: false }, said: `${name} is no operator any more.` },
      };
  }
}

function Quotas({
  user,
  onSave,
  onClose,
}: {
  user: TownUser;
  onSave: (change: Change) => Promise<void>;
  onClose: () => void;
}) {
  const [tier, setTier] = useState(user.tier ?? "");
  const [period, setPeriod] = useState(user.minPeriodSeconds === null ? "" : String(user.minPeriodSeconds));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await onSave({
        tier: tier === "" ? null : (tier as Tier),
        minPeriodSeconds: period === "" ? null : Number(period),
      });
    } catch (error) {
      setProblem(sayProblem(error));
      setBusy(false);
    }
  };
  return (
    <form className="stack" onSubmit={save}>
      <Field
        label="Tier"
        hint="What clients of the API are told; the town's own bounds are the server's flags."
      >
        <Select value={tier} onChange={(event) => setTier(event.target.value)}>
          <option value="">None</option>
          <option value="free">free</option>
          <option value="pro">pro</option>
          <option value="business">business</option>
        </Select>
      </Field>
      <Field
        label="Shortest time between two runs of a schedule, in seconds"
        hint="Empty: the town's. 60 at least."
      >
        <Input
          type="number"
          min={60}
          max={31_622_400}
          value={period}
          onChange={(event) => setPeriod(event.target.value)}
        />
      </Field>
      {problem !== undefined && <Note kind="bad">{problem}</Note>}
      <div className="actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" type="submit" busy={busy}>
          Save
        </Button>
      </div>
    </form>
  );
}
