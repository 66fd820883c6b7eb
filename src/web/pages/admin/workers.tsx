import { Link } from "@tanstack/react-router";
import { Badge, count, sayBytes } from "../../ui/small.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { type TownState, useTown } from "./town.ts";

/** Processes and whose they are, now. */
export function Workers() {
  const town = useTown();
  return <Loaded query={town}>{({ workers }) => <Table workers={workers} />}</Loaded>;
}

function Table({ workers: { blank, starting, warm, list } }: Pick<TownState, "workers">) {
  const sorted = list.toSorted((a, b) => b.calls - a.calls || b.memoryBytes - a.memoryBytes);
  return (
    <section className="stack tight">
      <h2>Workers now</h2>
      <p className="quiet">
        {warm} warm, {blank} blank (started ahead, for whichever val is called next), {starting} starting.
      </p>
      {sorted.length === 0 ? (
        <Empty title="No val has a process now">
          One is given to a val when it is called, and taken when it rests.
        </Empty>
      ) : (
        <div className="table-wrap">
          <table className="table">
            <caption className="unseen">Workers with a val</caption>
            <thead>
              <tr>
                <th>Val</th>
                <th>State</th>
                <th className="admin-number">Calls</th>
                <th className="admin-number">Memory</th>
                <th>Worker</th>
              </tr>
            </thead>
            <tbody>
              {sorted.map(({ id, val, calls, memoryBytes, draining }) => (
                <tr key={id}>
                  <td>{val === null ? <span className="quiet">none</span> : <ValLink {...val} />}</td>
                  <td>
                    {draining ? (
                      <Badge kind="warn">draining</Badge>
                    ) : (
                      <Badge kind={calls > 0 ? "good" : ""}>{calls > 0 ? "busy" : "warm"}</Badge>
                    )}
                  </td>
                  <td className="admin-number">{calls}</td>
                  <td className="admin-number">{sayBytes(memoryBytes)}</td>
                  <td className="mono quiet">{id}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {sorted.length >= 1000 && (
        <p className="quiet small">{count(1000, "worker")} are shown; there are more.</p>
      )}
    </section>
  );
}

/** Operators see what a val is called, not what is in a private one. */
export function ValLink({ username, name, version }: { username: string; name: string; version?: number }) {
  return (
    <>
      <Link to="/x/$user/$val" params={{ user: username, val: name }}>
        {username}/{name}
      </Link>
      {version !== undefined && <span className="quiet small"> v{version}</span>}
    </>
  );
}
