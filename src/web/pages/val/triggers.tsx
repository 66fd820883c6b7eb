import "./panel.css";
import "./triggers.css";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Clock, Globe, Mail } from "lucide-react";
import type { ReactNode } from "react";
import type { TriggerType } from "../../../val/file.ts";
import type { Answer, Row } from "../../client/contract.ts";
import { query, queryAll } from "../../client/queries.ts";
import { useTitle } from "../../shell/title.ts";
import { Badge } from "../../ui/small.tsx";
import { Empty, Failed, Loaded, Loading } from "../../ui/states.tsx";
import { type Branch, useBranch } from "./branch.ts";
import { useVal } from "./context.ts";
import { AddTrigger, NoTriggers } from "./triggers-add.tsx";
import { EmailTrigger } from "./triggers-email.tsx";
import { HttpTrigger } from "./triggers-http.tsx";
import { IntervalTrigger } from "./triggers-interval.tsx";

/** A file that something starts. */
export type TriggerFile = Row<"listFiles"> & { type: TriggerType };
/** What starts it. */
export type Trigger = Answer<"getTrigger">;

const KINDS = {
  http: [Globe, "web requests"],
  interval: [Clock, "the clock"],
  email: [Mail, "mail"],
} as const;

/** As many grey lines as are about as high as what comes, for who may change it and for who may not. */
const LINES = { http: [7, 2], interval: [15, 8], email: [11, 2] } as const;

/** What starts the files of a val. */
export function Triggers() {
  useTitle("Triggers");
  const { name, branch, unknown, error, refetch } = useBranch();
  return (
    <div className="page stack">
      {branch !== undefined ? (
        <OfBranch branch={branch} />
      ) : unknown ? (
        <Empty title={`There is no branch ${name}`}>It may have been renamed or deleted.</Empty>
      ) : error ? (
        <Failed error={error} onRetry={refetch} />
      ) : (
        <Loading lines={6} />
      )}
    </div>
  );
}

function OfBranch({ branch }: { branch: Branch }) {
  const { val, mayWrite } = useVal();
  const files = useQuery(
    queryAll("listFiles", {
      params: { val_id: val.id },
      query: { path: "", recursive: true, branch_id: branch.id },
    }),
  );
  return (
    <>
      <div className="panel-bar">
        <h2>Triggers</h2>
        {mayWrite && files.data && <AddTrigger branch={branch} files={files.data} />}
      </div>
      <p className="quiet">
        What starts the files of this val: web requests, the clock, mail.
        {branch.forkedBranchId !== null && (
          <>
            {" "}
            These are those of the branch <b>{branch.name}</b>.
          </>
        )}
      </p>
      <Loaded query={files} loading={<Loading lines={6} />}>
        {(all) => {
          const started = all.filter((file): file is TriggerFile => file.type in KINDS);
          if (started.length === 0) return <NoTriggers branch={branch} files={all} />;
          return started.map((file) => <TriggerCard key={file.id} file={file} branch={branch} />);
        }}
      </Loaded>
    </>
  );
}

function TriggerCard({ file, branch }: { file: TriggerFile; branch: Branch }) {
  const trigger = useQuery(query("getTrigger", { params: { file_id: file.id } }));
  const { mayWrite } = useVal();
  const [Icon, by] = KINDS[file.type];
  return (
    <section className="card triggers-card" aria-label={file.path}>
      <div className="row wrap">
        <div className="triggers-title">
          <Icon size={18} aria-hidden />
          <h3 className="cut" title={file.path}>
            <FileLink branch={branch} path={file.path}>
              {file.path}
            </FileLink>
          </h3>
        </div>
        <Badge>started by {by}</Badge>
      </div>
      <Loaded query={trigger} loading={<Loading lines={LINES[file.type][mayWrite ? 0 : 1]} />}>
        {(found) => {
          if (found.type === "interval") return <IntervalTrigger file={file} trigger={found} />;
          if (found.type === "email") return <EmailTrigger file={file} trigger={found} branch={branch} />;
          return <HttpTrigger file={file} trigger={found} />;
        }}
      </Loaded>
    </section>
  );
}

/** Where the code of a file is. */
export function FileLink({ branch, path, children }: { branch: Branch; path: string; children: ReactNode }) {
  const { val } = useVal();
  const where = { user: val.author.username ?? "", val: val.name };
  if (branch.forkedBranchId === null) {
    return (
      <Link to="/x/$user/$val/code/$" params={{ ...where, _splat: path }}>
        {children}
      </Link>
    );
  }
  return (
    <Link to="/x/$user/$val/branch/$branch/code/$" params={{ ...where, branch: branch.name, _splat: path }}>
      {children}
    </Link>
  );
}
