import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../../client/call.ts";
import type { Answer } from "../../client/contract.ts";
import { Button, buttonClass } from "../../ui/button.tsx";
import { Input, Select } from "../../ui/field.tsx";
import { Empty, Failed, Loading } from "../../ui/states.tsx";
import { type ListedVal, ValRow, ValRows } from "../../ui/val-rows.tsx";

const PAGE = "100";
type Order = "newest" | "oldest" | "name";
const ORDERS: readonly [order: Order, label: string][] = [
  ["newest", "Newest first"],
  ["oldest", "Oldest first"],
  ["name", "By name"],
];

/** The vals of a person or organization that who looks may see. */
export function OwnedVals({
  user,
  mayMake = false,
}: {
  user: Answer<"getUserByName">;
  /** Whether who looks could make one here. */
  mayMake?: boolean;
}) {
  const name = user.username ?? "";
  const vals = useInfiniteQuery({
    // The route's name first, so that it is found when vals change.
    queryKey: ["listTownVals", "of", name],
    queryFn: ({ pageParam, signal }): Promise<Answer<"listTownVals">> =>
      call("listTownVals", { query: { username: name, limit: PAGE, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ links }) => links.next,
  });
  const [filter, setFilter] = useState("");
  const [order, setOrder] = useState<Order>("newest");
  if (vals.error && vals.data === undefined)
    return <Failed error={vals.error} onRetry={() => void vals.refetch()} />;
  if (vals.data === undefined) return <Loading lines={8} label="Vals" />;
  const all = vals.data.pages.flatMap(({ data }) => data);
  if (all.length === 0) return <NoVals name={name} mayMake={mayMake} />;
  const shown = arrange(all, filter, order);
  return (
    <section className="stack" aria-label="Vals">
      <div className="row wrap">
        <Input
          className="person-filter"
          type="search"
          aria-label="Filter vals"
          placeholder="Filter by name or description"
          value={filter}
          onChange={({ target }) => setFilter(target.value)}
        />
        <Select
          className="person-order"
          aria-label="Order"
          value={order}
          onChange={({ target }) => setOrder(target.value as Order)}
        >
          {ORDERS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </div>
      {shown.length === 0 ? (
        <Empty title="No val fits" action={<Button onClick={() => setFilter("")}>Show all</Button>} />
      ) : (
        <ValRows label="Vals">
          {shown.map((val) => (
            <ValRow key={val.id} val={val} withOwner={false} />
          ))}
        </ValRows>
      )}
      {vals.hasNextPage && (
        <div>
          <Button busy={vals.isFetchingNextPage} onClick={() => void vals.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </section>
  );
}

function arrange(vals: readonly ListedVal[], filter: string, order: Order): readonly ListedVal[] {
  const wanted = filter.trim().toLowerCase();
  const fitting = vals.filter(({ name, description }) =>
    `${name} ${description ?? ""}`.toLowerCase().includes(wanted),
  );
  if (order === "oldest") return fitting.reverse();
  return order === "name" ? fitting.sort((a, b) => a.name.localeCompare(b.name)) : fitting;
}

function NoVals({ name, mayMake }: { name: string; mayMake: boolean }) {
  return mayMake ? (
    <Empty
      title="No vals yet"
      action={
        <Link to="/new" className={buttonClass({ kind: "primary" })}>
          Make the first one
        </Link>
      }
    >
      Begin with a template; it is live the moment it is made.
    </Empty>
  ) : (
    <Empty title="No public vals">{name} has made none that everyone may see.</Empty>
  );
}
