import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { call } from "../../client/call.ts";
import type { Row } from "../../client/contract.ts";
import { Button } from "../../ui/button.tsx";
import { Ago } from "../../ui/small.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { allUsers } from "./users-query.ts";

const PAGE = 50;

/** What was done in the town. */
export function Audit() {
  const found = useInfiniteQuery({
    queryKey: ["listAudit"],
    queryFn: ({ pageParam, signal }) =>
      call("listAudit", { query: { limit: String(PAGE), offset: String(pageParam) }, signal }),
    initialPageParam: 0,
    getNextPageParam: ({ links }, pages) => (links.next === undefined ? undefined : pages.length * PAGE),
  });
  const users = useQuery(allUsers);
  const nameOf = (id: string | null) => users.data?.find((one) => one.id === id)?.username ?? undefined;
  return (
    <section className="stack tight">
      <h2>Audit log</h2>
      <p className="quiet">
        Sign-ins, tokens, passwords, deletions, transfers and what operators changed, of the last 400 days.
      </p>
      <Loaded query={found}>
        {({ pages }) => {
          const rows = pages.flatMap(({ data }) => data);
          return rows.length === 0 ? (
            <Empty title="Nothing yet">What is done from now on appears here.</Empty>
          ) : (
            <Table rows={rows} nameOf={nameOf} />
          );
        }}
      </Loaded>
      {found.hasNextPage && (
        <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          Show older ones
        </Button>
      )}
    </section>
  );
}

type Event = Row<"listAudit">;

function Table({
  rows,
  nameOf,
}: {
  rows: readonly Event[];
  nameOf: (id: string | null) => string | undefined;
}) {
  return (
    <div className="table-wrap">
      <table className="table admin-audit">
        <caption className="unseen">Events</caption>
        <thead>
          <tr>
            <th>When</th>
            <th>Who</th>
            <th>What</th>
            <th>To what</th>
            <th>From</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <Ago at={row.createdAt} />
              </td>
              <td>
                {nameOf(row.userId) ?? (
                  <span className="quiet">{row.userId === null ? "nobody" : "somebody gone"}</span>
                )}
              </td>
              <td className="mono">{row.action}</td>
              <td className="admin-detail">
                {row.subject !== null && <span className="mono">{nameOf(row.subject) ?? row.subject}</span>}
                {row.detail !== null && <span className="quiet small mono">{sayDetail(row.detail)}</span>}
              </td>
              <td className="mono quiet">{row.address ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const sayDetail = (detail: Readonly<Record<string, unknown>>): string =>
  Object.entries(detail)
    .filter(([name, value]) => name !== "tokenId" && value !== undefined && value !== null)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
