/** `/`: what this town is, something that runs, and what is new. */

import "./front.css";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { boot } from "../../client/boot.ts";
import { query } from "../../client/queries.ts";
import { useTitle } from "../../shell/title.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Empty, Loaded, Loading } from "../../ui/states.tsx";
import { ValRow, ValRows } from "../../ui/val-rows.tsx";
import { LiveStream } from "./live-stream.tsx";
import { OwnVals } from "./own-vals.tsx";

/** The first page of the town. */
export function Front() {
  useTitle("");
  const { viewer } = boot;
  return (
    <div className="page front">
      <section className="front-hero">
        <div className="stack">
          <h1>{viewer === null ? "A town for small programs" : `Good to see you, ${viewer.username}`}</h1>
          <p className="front-what">
            Save a TypeScript function, and it is a live endpoint that streams both ways. Such a program is
            called a val.
          </p>
          <div className="row wrap">
            <Link to="/new" className={buttonClass({ kind: "primary" })}>
              <Plus size={16} aria-hidden /> New val
            </Link>
            {viewer === null && (
              <a className={buttonClass()} href="/auth/sign-in?next=/">
                Sign in
              </a>
            )}
            <Link to="/docs" className={buttonClass({ kind: "plain" })}>
              How it works
            </Link>
          </div>
        </div>
        <LiveStream />
      </section>
      {viewer !== null && <OwnVals username={viewer.username} />}
      <Recent />
    </div>
  );
}

const SHOWN = "12";

function Recent() {
  const recent = useQuery(query("listTownVals", { query: { limit: SHOWN } }));
  return (
    <section className="stack tight">
      <h2>New in this town</h2>
      <Loaded query={recent} loading={<Loading lines={8} label="New vals" />}>
        {({ data }) => {
          const vals = data.filter(({ privacy }) => privacy === "public");
          return vals.length === 0 ? (
            <Empty
              title="Nobody has made a public val yet"
              action={
                <Link to="/new" className={buttonClass()}>
                  Make the first one
                </Link>
              }
            />
          ) : (
            <ValRows label="New vals">
              {vals.map((val) => (
                <ValRow key={val.id} val={val} />
              ))}
            </ValRows>
          );
        }}
      </Loaded>
    </section>
  );
}
