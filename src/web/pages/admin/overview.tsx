import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { count, sayBytes } from "../../ui/small.tsx";
import { Loaded } from "../../ui/states.tsx";
import { Spark } from "./spark.tsx";
import { type Moment, type TownState, useTown } from "./town.ts";

/** All of the town at a glance. */
export function Overview() {
  const town = useTown();
  return <Loaded query={town}>{(state) => <Cards state={state} moments={town.moments} />}</Loaded>;
}

function Cards({ state, moments }: { state: TownState; moments: readonly Moment[] }) {
  const { workers, memory, jobs, disk } = state;
  const calls = workers.list.reduce((sum, one) => sum + one.calls, 0);
  const of = (name: Exclude<keyof Moment, "at">) => moments.map((moment) => moment[name]);
  return (
    <>
      <h2 className="unseen">Overview</h2>
      <div className="admin-cards">
        <Card
          title="Workers"
          to="workers"
          value={`${workers.warm} warm`}
          spark={<Spark values={of("warm")} label="Warm workers in the last minutes" />}
        >
          {workers.blank} blank, {workers.starting} starting, {count(calls, "call")} in flight
        </Card>
        <Card
          title="Memory of workers"
          to="workers"
          value={sayBytes(memory.workersBytes)}
          spark={<Spark values={of("workersBytes")} label="Memory of workers in the last minutes" />}
        >
          Of the machine {sayBytes(memory.freeBytes)} of {sayBytes(memory.totalBytes)} are free
        </Card>
        <Card
          title="Memory of the server"
          value={sayBytes(memory.serverBytes)}
          spark={<Spark values={of("serverBytes")} label="Memory of the server in the last minutes" />}
        >
          Its own process
        </Card>
        <Card
          title="Queue"
          to="queue"
          value={count(jobs.queued + jobs.running, "job")}
          spark={<Spark values={of("waiting")} label="Jobs in the last minutes" />}
        >
          {jobs.queued} queued, {jobs.running} running,{" "}
          <span className={jobs.dead > 0 ? "bad" : ""}>{jobs.dead} dead</span>
        </Card>
      </div>
      <Disk disk={disk} />
    </>
  );
}

function Card({
  title,
  to,
  value,
  spark,
  children,
}: {
  title: string;
  to?: string;
  value: string;
  spark: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="card admin-card">
      <h3>
        {to === undefined ? (
          title
        ) : (
          <Link to="/admin/$part" params={{ part: to }}>
            {title}
          </Link>
        )}
      </h3>
      <div className="admin-value">{value}</div>
      {spark}
      <p className="quiet small">{children}</p>
    </section>
  );
}

const ABOUT: Readonly<Record<string, string>> = {
  "hamlet.db": "Users, vals, versions, settings",
  "telemetry.db": "Traces and logs; bounded by age and size",
  sqlite: "Databases of vals and accounts",
  blobs: "Blobs",
  artifacts: "Built vals; can be made again",
  deno: "Packages; can be loaded again",
  mails: "Mails on their way to vals",
  spool: "Archives on their way",
};

/** Keys, locks and sockets are small, and there is nothing to be said of their size. */
const known = (parts: NonNullable<TownState["disk"]["parts"]>) => parts.filter(({ name }) => name in ABOUT);

function Disk({ disk }: { disk: TownState["disk"] }) {
  const used = disk.totalBytes - disk.freeBytes;
  return (
    <section className="stack tight">
      <h3>Disk</h3>
      <p className="quiet">
        {sayBytes(disk.freeBytes)} of {sayBytes(disk.totalBytes)} are free.
      </p>
      <div className="admin-meter" aria-hidden>
        <span style={{ width: `${(100 * used) / Math.max(1, disk.totalBytes)}%` }} />
      </div>
      {disk.parts === null ? (
        <p className="quiet small">The data folder is being looked at…</p>
      ) : (
        <div className="table-wrap">
          <table className="table">
            <caption className="unseen">Parts of the data folder</caption>
            <thead>
              <tr>
                <th>Part of the data folder</th>
                <th className="admin-number">Size</th>
              </tr>
            </thead>
            <tbody>
              {known(disk.parts).map(({ name, bytes }) => (
                <tr key={name}>
                  <td>
                    <span className="mono">{name}</span>
                    <div className="quiet small">{ABOUT[name]}</div>
                  </td>
                  <td className="admin-number">{sayBytes(bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {disk.partial && (
        <p className="quiet small">There are more files than were looked at: the sizes are too small.</p>
      )}
    </section>
  );
}
