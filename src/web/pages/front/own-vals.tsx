import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { query } from "../../client/queries.ts";
import { Loaded, Loading } from "../../ui/states.tsx";
import { ValRow, ValRows } from "../../ui/val-rows.tsx";

/** The newest vals of who looks; who has none is told what to do next. */
export function OwnVals({ username }: { username: string }) {
  const own = useQuery(query("listTownVals", { query: { username, limit: "5" } }));
  return (
    <section className="stack tight">
      <div className="row apart">
        <h2>Your vals</h2>
        <Link to="/u/$name" params={{ name: username }}>
          All of them
        </Link>
      </div>
      <Loaded query={own} loading={<Loading lines={5} label="Your vals" />}>
        {({ data }) =>
          data.length === 0 ? (
            <WhatNext />
          ) : (
            <ValRows label="Your vals">
              {data.map((val) => (
                <ValRow key={val.id} val={val} withOwner={false} />
              ))}
            </ValRows>
          )
        }
      </Loaded>
    </section>
  );
}

function WhatNext() {
  return (
    <ol className="card front-next">
      <li>
        <Link to="/new" search={{ template: "streaming" }}>
          Make a val that streams
        </Link>
        : it is live the moment you press Create.
      </li>
      <li>Watch its chunks arrive in the preview beside the code; change the code, save, and look again.</li>
      <li>
        Or open one of the vals below and remix it: a copy of your own, to change as you like. The{" "}
        <Link to="/docs">guides</Link> say what else there is.
      </li>
    </ol>
  );
}
