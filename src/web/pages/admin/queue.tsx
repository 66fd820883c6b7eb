import { Empty, Loaded } from "../../ui/states.tsx";
import { type TownState, useTown } from "./town.ts";
import { ValLink } from "./workers.tsx";

/** What the clock and mails start. */
export function Queue() {
  const town = useTown();
  return <Loaded query={town}>{({ jobs }) => <Table jobs={jobs} />}</Loaded>;
}

function Table({ jobs: { queued, running, dead, vals } }: Pick<TownState, "jobs">) {
  return (
    <section className="stack tight">
      <h2>Queue</h2>
      <p className="quiet">
        {queued} queued, {running} running, {dead} dead: those that failed at every attempt, which their
        owners can try again.
      </p>
      {vals.length === 0 ? (
        <Empty title="The queue is empty">
          Slots of schedules and mails are here from when they are due until they are done.
        </Empty>
      ) : (
        <div className="table-wrap">
          <table className="table">
            <caption className="unseen">Jobs by val</caption>
            <thead>
              <tr>
                <th>Val</th>
                <th className="admin-number">Queued</th>
                <th className="admin-number">Running</th>
                <th className="admin-number">Dead</th>
              </tr>
            </thead>
            <tbody>
              {vals.map((one) => (
                <tr key={one.val.id}>
                  <td>
                    <ValLink username={one.val.username} name={one.val.name} />
                  </td>
                  <td className="admin-number">{one.queued}</td>
                  <td className="admin-number">{one.running}</td>
                  <td className={one.dead > 0 ? "admin-number bad" : "admin-number"}>{one.dead}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
