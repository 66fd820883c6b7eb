import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toDomain } from "../../../val/domain.ts";
import { call } from "../../client/call.ts";
import type { Row } from "../../client/contract.ts";
import { invalidate, queryAll } from "../../client/queries.ts";
import { Button, CopyButton } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Field, Input } from "../../ui/field.tsx";
import { Badge } from "../../ui/small.tsx";
import { Loaded, Note } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { useAct } from "./use-act.ts";

type Domain = Row<"listDomains">;

/** Domains of one's own that lead to a file. */
export function Domains({ fileId }: { fileId: string }) {
  const asked = useQuery(queryAll("listDomains", {}));
  return (
    <div className="panel-section">
      <h4>Domains of your own</h4>
      <Loaded query={asked}>
        {(all) => (
          <>
            {all
              .filter((one) => one.fileId === fileId)
              .map((one) => (
                <OneDomain key={one.host} domain={one} />
              ))}
            <AddDomain fileId={fileId} elsewhere={all.filter((one) => one.fileId !== fileId)} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function AddDomain({ fileId, elsewhere }: { fileId: string; elsewhere: readonly Domain[] }) {
  const [written, setWritten] = useState("");
  const { busy, problem, setProblem, act } = useAct();
  const read = toDomain(written, []);
  const moves = "host" in read && elsewhere.some(({ host }) => host === read.host);
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const done = await act(async () => {
      if ("problem" in read) throw new Error(read.problem);
      await call("createDomain", { json: { host: read.host, fileId } });
      await invalidate("listDomains", "getTrigger");
    });
    if (done) setWritten("");
  };
  return (
    <form className="triggers-name" onSubmit={add}>
      <Field
        label="Add a domain"
        hint={
          moves
            ? "It leads to another file of yours now, and will lead to this one instead."
            : "Such as shop.example.org. You show that it is yours by a record of its DNS."
        }
        wrong={problem}
      >
        <Input
          className="mono"
          value={written}
          spellCheck={false}
          onChange={(event) => {
            setWritten(event.target.value);
            setProblem(undefined);
          }}
        />
      </Field>
      <div className="panel-actions">
        <Button type="submit" busy={busy} disabled={written.trim() === ""}>
          {moves ? "Move domain" : "Add domain"}
        </Button>
      </div>
    </form>
  );
}

function OneDomain({ domain }: { domain: Domain }) {
  const { host, verified } = domain;
  const [asks, setAsks] = useState(false);
  const { busy, problem, act } = useAct();
  const verify = async () => {
    const done = await act(async () => {
      await call("verifyDomain", { params: { host } });
      await invalidate("listDomains", "getTrigger");
    });
    if (done) toast(`${host} is verified, and served here.`);
  };
  const remove = async () => {
    await call("deleteDomain", { params: { host } });
    await invalidate("listDomains", "getTrigger");
    toast(`${host} is given up.`);
  };
  return (
    <section className="triggers-domain" aria-label={host}>
      <div className="row wrap">
        <b className="mono cut">{host}</b>
        <Badge kind={verified ? "good" : "warn"}>{verified ? "verified" : "not verified yet"}</Badge>
        <span className="grow" />
        <Button small busy={busy} onClick={() => void verify()}>
          {verified ? "Verify again" : "Verify"}
        </Button>
        <Button small kind="danger" onClick={() => setAsks(true)} aria-label={`Delete ${host}`}>
          Delete
        </Button>
      </div>
      {problem !== undefined && <Note kind="bad">{problem}.</Note>}
      {verified ? (
        <details>
          <summary>Records of its DNS</summary>
          <Records domain={domain} />
        </details>
      ) : (
        <>
          <p className="quiet small">
            Write these two records where the domain is managed, then verify. New records may take a while to
            be seen. What is not verified within 7 days is forgotten.
          </p>
          <Records domain={domain} />
        </>
      )}
      {asks && (
        <Confirm
          title={`Give up ${host}?`}
          text="It leads nowhere from then on, and is free for others who can verify it."
          action="Delete domain"
          onConfirm={remove}
          onClose={() => setAsks(false)}
        />
      )}
    </section>
  );
}

function Records({ domain: { host, verification, target } }: { domain: Domain }) {
  const rows = [
    [verification.name, "TXT", verification.value, "shows that it is yours; leave it there"],
    [host, "CNAME", target, "brings visitors here; for a domain itself your provider's ALIAS"],
  ] as const;
  return (
    <div className="table-wrap">
      <table className="table panel-table">
        <thead>
          <tr>
            <th>Name</th>
            <th>Type</th>
            <th>Value</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, type, value, about]) => (
            <tr key={type}>
              <td>
                <Copied text={name} />
              </td>
              <td>{type}</td>
              <td>
                <Copied text={value} />
                <div className="quiet small">{about}</div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const Copied = ({ text }: { text: string }) => (
  <div className="panel-line">
    <code className="triggers-record">{text}</code>
    <CopyButton text={text} label={`Copy ${text}`} />
  </div>
);
