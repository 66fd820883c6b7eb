/** What an account or an organization has, beside what it may have. */

import "./usage.css";
import type { Answer } from "../../client/contract.ts";
import { count, sayBytes } from "../../ui/small.tsx";

type Usage = Answer<"getMyUsage">;

/** All of it, with bars where there is a limit. */
export function UsageView({ usage }: { usage: Usage }) {
  const { vals, files, blobs, databases, runs, mails, tokens } = usage;
  const privacies = `${vals.public} public, ${vals.unlisted} unlisted, ${vals.private} private`;
  return (
    <>
      <section className="stack tight">
        <h2>Usage</h2>
        <dl className="usage-facts">
          <Fact name="Vals" value={vals.total.toLocaleString("en")} about={privacies} />
          <Fact name="Files" value={files.toLocaleString("en")} about="in all branches" />
          <Fact
            name="Calls today"
            value={runs.today.toLocaleString("en")}
            about={`${runs.last30Days.toLocaleString("en")} in 30 days`}
          />
          <Fact
            name="Mails today"
            value={mails.today.toLocaleString("en")}
            about={`${mails.received.today.toLocaleString("en")} came`}
          />
          <Fact name="Tokens" value={tokens.toLocaleString("en")} about="that are good" />
        </dl>
      </section>
      <section className="stack tight">
        <h2>Storage</h2>
        <Bar name="Blobs" about={count(blobs.count, "blob")} value={blobs.bytes} most={blobs.quota} />
        <Bar
          name="Mails that wait"
          about={count(mails.received.waiting, "mail")}
          value={mails.received.bytes}
          most={mails.received.quota}
        />
        {databases.map(({ scope, valId, name, bytes, quota }) => (
          <Bar
            key={valId ?? scope}
            name={scope === "account" ? "Database of the account" : `Database of ${name ?? "a val"}`}
            value={bytes}
            most={quota}
          />
        ))}
      </section>
      <Limits limits={usage.limits} />
    </>
  );
}

const Fact = ({ name, value, about }: { name: string; value: string; about: string }) => (
  <div className="card">
    <dt className="small quiet">{name}</dt>
    <dd>
      <strong>{value}</strong>
      <span className="small quiet">{about}</span>
    </dd>
  </div>
);

function Bar({
  name,
  about,
  value,
  most,
}: {
  name: string;
  about?: string;
  value: number;
  most: number | null;
}) {
  const share = most === null || most === 0 ? 0 : Math.min(1, value / most);
  const text = most === null ? sayBytes(value) : `${sayBytes(value)} of ${sayBytes(most)}`;
  return (
    <div className="usage-bar">
      <div className="row apart">
        <span>
          {name} {about !== undefined && <span className="small quiet">{about}</span>}
        </span>
        <span className="small quiet">{text}</span>
      </div>
      {most !== null && (
        <meter aria-label={name} value={share} min={0} max={1} low={0.8} high={0.95} optimum={0}>
          {text}
        </meter>
      )}
    </div>
  );
}

const many = (n: number): string => n.toLocaleString("en");
const LIMITS: readonly [name: keyof Usage["limits"], label: string, say: (n: number) => string][] = [
  ["mailsPerMinute", "Mails a minute", many],
  ["modelCallsPerMinute", "Calls of the model server a minute", many],
  ["requestBytes", "Largest request to a val", sayBytes],
  ["workersPerFile", "Workers of one file at once", many],
  ["workerMemoryBytes", "Memory of a worker", sayBytes],
  ["requestsInFlightPerVal", "Requests of one val at once", many],
  ["minPeriodSeconds", "Shortest time between two runs of a schedule", (n) => `${many(n)} s`],
];

function Limits({ limits }: { limits: Usage["limits"] }) {
  return (
    <section className="stack tight">
      <h2>Limits</h2>
      <p className="quiet">As the operator of this town has set them.</p>
      <div className="table-wrap">
        <table className="table usage-limits">
          <tbody>
            {LIMITS.map(([name, label, say]) => (
              <tr key={name}>
                <th scope="row">{label}</th>
                <td>{limits[name] === null ? "no limit" : say(limits[name])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
