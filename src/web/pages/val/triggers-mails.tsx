import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { pathOf } from "../../client/call.ts";
import type { Row } from "../../client/contract.ts";
import { query } from "../../client/queries.ts";
import { Button, buttonClass } from "../../ui/button.tsx";
import { Ago, Badge, sayBytes } from "../../ui/small.tsx";
import { Loaded, Loading } from "../../ui/states.tsx";
import { useVal } from "./context.ts";
import { TraceLink } from "./triggers-outcome.tsx";

type Mail = Row<"listReceivedMails">;
const FEW = 5;
const PAGE = 100;
const ASK_EVERY_MS = 5000;
const KINDS = { waiting: "info", delivered: "good", failed: "bad", dead: "bad" } as const;

/** Mails that came for a file, the newest first. */
export function ReceivedMails({ fileId }: { fileId: string }) {
  const { val } = useVal();
  const [limit, setLimit] = useState(FEW);
  const asked = useQuery({
    ...query("listReceivedMails", {
      params: { val_id: val.id },
      query: { file_id: fileId, limit: limit },
    }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.data.some((mail) => mail.state === "waiting") ? ASK_EVERY_MS : false,
  });
  return (
    <div className="panel-section">
      <div className="row apart">
        <h4>Mails that came</h4>
        {limit === FEW && asked.data?.links.next !== undefined && (
          <Button small kind="plain" onClick={() => setLimit(PAGE)}>
            Show the last {PAGE}
          </Button>
        )}
      </div>
      <Loaded query={asked} loading={<Loading lines={2} />}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="quiet small">None yet. Write to one of the addresses, or send a test mail.</p>
          ) : (
            <MailTable mails={data} />
          )
        }
      </Loaded>
    </div>
  );
}

function MailTable({ mails }: { mails: readonly Mail[] }) {
  return (
    <div className="table-wrap triggers-runs">
      <table className="table panel-table" aria-label="Mails that came">
        <thead>
          <tr>
            <th>State</th>
            <th>From</th>
            <th>Subject</th>
            <th>Size</th>
            <th>Came</th>
            <th>Trace</th>
            <th>
              <span className="unseen">Download</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {mails.map((mail) => (
            <MailRow key={mail.id} mail={mail} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MailRow({ mail }: { mail: Mail }) {
  const { val } = useVal();
  const { id, state, from, subject, size, receivedAt, error, traceId, links } = mail;
  return (
    <tr>
      <td className="when">
        <Badge kind={KINDS[state]}>{state === "dead" ? "given up, for now" : state}</Badge>
      </td>
      <td>
        <div className="cut triggers-cell" title={from ?? undefined}>
          {from ?? <span className="quiet">nobody</span>}
        </div>
      </td>
      <td>
        <div className="cut triggers-cell" title={subject}>
          {subject || <span className="quiet">no subject</span>}
        </div>
        {error !== null && state !== "delivered" && (
          <div className="bad small triggers-error" title={error}>
            {error}
          </div>
        )}
      </td>
      <td className="num quiet">{sayBytes(size)}</td>
      <td className="when quiet">
        <Ago at={receivedAt} />
      </td>
      <td>{traceId !== null && <TraceLink id={traceId}>Trace</TraceLink>}</td>
      <td className="acts">
        {links.raw !== undefined && (
          <a
            className={buttonClass({ kind: "plain", small: true }, "icon")}
            href={pathOf("getRawMail", { params: { val_id: val.id, mail_id: id } })}
            download={`${id}.eml`}
            title="Download the mail as it came"
            aria-label="Download the mail as it came"
          >
            <Download size={15} />
          </a>
        )}
      </td>
    </tr>
  );
}
