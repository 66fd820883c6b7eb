/** `/search?q=&in=`: vals, code and people, as one types. */

import "./search.css";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { call } from "../../client/call.ts";
import type { Answer } from "../../client/contract.ts";
import { useTitle } from "../../shell/title.ts";
import { Button } from "../../ui/button.tsx";
import { Empty, Failed, Loading } from "../../ui/states.tsx";
import { FoundRow, keyOf } from "./found.tsx";

const PAGE = 20;
const TYPING_MS = 200;
const PLACES = [
  ["vals", "Vals", "vals"],
  ["code", "Code", "code"],
  ["people", "People", "users"],
] as const;
type Place = (typeof PLACES)[number];

/** The page. */
export function SearchPage() {
  const { q = "", in: wanted } = useSearch({ from: "/search" });
  const place = PLACES.find(([name]) => name === wanted) ?? PLACES[0];
  useTitle(q === "" ? "Search" : `${q} · Search`);
  return (
    <div className="page search">
      <h1 className="unseen">Search</h1>
      <Box q={q} place={place[0]} />
      <nav className="tabs" aria-label="Where to search">
        {PLACES.map(([name, label]) => (
          <Link
            key={name}
            to="/search"
            search={{ q, in: name }}
            className={name === place[0] ? "tab active" : "tab"}
            aria-current={name === place[0] ? "page" : undefined}
          >
            {label}
          </Link>
        ))}
      </nav>
      {q.trim() === "" ? <Tips title="What are you looking for?" /> : <Results q={q.trim()} place={place} />}
    </div>
  );
}

/** Its text goes into the address a moment after the last key. */
function Box({ q, place }: { q: string; place: Place[0] }) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState(q);
  const [told, setTold] = useState(q);
  // The bar above, a link or the way back has changed it.
  if (q !== told) {
    setTold(q);
    setTyped(q);
  }
  useEffect(() => {
    if (typed === told) return;
    const timer = setTimeout(() => {
      setTold(typed);
      void navigate({ to: "/search", search: { q: typed, in: place }, replace: true, resetScroll: false });
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, told, place, navigate]);
  return (
    <div className="search-box">
      <Search size={18} aria-hidden />
      <input
        className="input"
        type="search"
        aria-label="Search for"
        placeholder="Words, or “a text in quotes”"
        value={typed}
        maxLength={512}
        // biome-ignore lint/a11y/noAutofocus: who comes here without a question came to ask one
        autoFocus={q === ""}
        onChange={({ target }) => setTyped(target.value)}
      />
    </div>
  );
}

function Results({ q, place: [, label, kind] }: { q: string; place: Place }) {
  const results = useInfiniteQuery({
    queryKey: ["search", kind, q],
    queryFn: ({ pageParam, signal }): Promise<Answer<"search">> =>
      call("search", { query: { query: q, kind, limit: `${PAGE}`, offset: `${pageParam}` }, signal }),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => (page.links.next === undefined ? undefined : pages.length * PAGE),
    placeholderData: keepPreviousData,
  });
  if (results.error && results.data === undefined)
    return <Failed error={results.error} onRetry={() => void results.refetch()} />;
  if (results.data === undefined) return <Loading lines={8} label="Searching" />;
  const found = results.data.pages.flatMap(({ data }) => data);
  if (found.length === 0 && !results.isPlaceholderData)
    return <Tips title={`No ${label.toLowerCase()} with “${q}”`} />;
  return (
    <div className="stack" aria-busy={results.isPlaceholderData}>
      <ul className="val-rows" aria-label="Results">
        {found.map((one) => (
          <FoundRow key={keyOf(one)} found={one} />
        ))}
      </ul>
      {results.hasNextPage && (
        <div className="search-more">
          <Button busy={results.isFetchingNextPage} onClick={() => void results.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}

function Tips({ title }: { title: string }) {
  return (
    <Empty title={title}>
      All words must occur, in any case; <code>"words in quotes"</code> are one text. Public vals are found,
      and your own. Look in Code for what a file says, in People for users and organizations.
    </Empty>
  );
}
