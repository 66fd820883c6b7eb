import { useNavigate } from "@tanstack/react-router";
import { Clock, Globe, Mail, Plus } from "lucide-react";
import type { TriggerType } from "../../../val/file.ts";
import { call } from "../../client/call.ts";
import type { Row } from "../../client/contract.ts";
import { invalidate } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Menu, MenuItem } from "../../ui/menu.tsx";
import { Empty } from "../../ui/states.tsx";
import { toastProblem } from "../../ui/toast.tsx";
import { useVal } from "./context.ts";
import { useAct } from "./use-act.ts";

interface Where {
  readonly branch: Row<"listBranches">;
  /** Those that are there already. */
  readonly files: readonly Row<"listFiles">[];
}

interface Kind {
  readonly type: TriggerType;
  readonly icon: typeof Globe;
  readonly label: string;
  readonly about: string;
  /** Of a new file, before its ending. */
  readonly name: string;
  readonly content: string;
}

const KINDS: readonly Kind[] = [
  {
    type: "http",
    icon: Globe,
    label: "HTTP",
    about: "A web address that answers with a page, JSON, a stream.",
    name: "http",
    content: `export default function (request: Request): Response {
  return new Response("Good morning");
}
`,
  },
  {
    type: "interval",
    icon: Clock,
    label: "Cron",
    about: "Runs by the clock: every hour, or Mondays at 9:30.",
    name: "cron",
    content: `export default async function (interval: Interval) {
  console.log("The run before began at", interval.lastRunAt);
}
`,
  },
  {
    type: "email",
    icon: Mail,
    label: "Email",
    about: "An address that takes mail and does something with it.",
    name: "email",
    content: `export default async function (email: Email) {
  console.log(email.from, "writes:", email.subject);
}
`,
  },
];

/** A menu of what a new file could be started by. */
export function AddTrigger(where: Where) {
  const { busy, add } = useAdd(where);
  const trigger = (
    <Button kind="primary" icon={<Plus size={16} />} busy={busy}>
      Add trigger
    </Button>
  );
  return (
    <Menu trigger={trigger}>
      {KINDS.map((kind) => (
        <MenuItem key={kind.type} onSelect={() => void add(kind)}>
          <kind.icon size={15} /> {kind.label}
        </MenuItem>
      ))}
    </Menu>
  );
}

/** What one sees where there is none, and the way to the first. */
export function NoTriggers(where: Where) {
  const { mayWrite } = useVal();
  const { busy, add } = useAdd(where);
  return (
    <div className="card">
      <Empty title="Nothing starts this val yet">
        {mayWrite
          ? "Add a file that something starts, or change the type of one that is there."
          : "It has no file that something starts; its modules can still be imported."}
      </Empty>
      {mayWrite && (
        <ul className="triggers-kinds">
          {KINDS.map((kind) => (
            <li key={kind.type} className="card stack tight">
              <div className="row">
                <kind.icon size={18} aria-hidden />
                <h3>{kind.label}</h3>
              </div>
              <p className="quiet small grow">{kind.about}</p>
              <Button busy={busy} onClick={() => void add(kind)}>
                Add {kind.name}.ts
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Makes the file, and goes to its code. */
function useAdd({ branch, files }: Where) {
  const { val } = useVal();
  const navigate = useNavigate();
  const { busy, act } = useAct();
  const add = (kind: Kind) =>
    act(async () => {
      const path = freePath(kind.name, files);
      try {
        await call("createFile", {
          params: { val_id: val.id },
          query: { path, branch_id: branch.id },
          json: { type: kind.type, content: kind.content },
        });
      } catch (error) {
        toastProblem(error);
        return;
      }
      await invalidate("listFiles", "getValDetails", "listBranches");
      const where = { user: val.author.username ?? "", val: val.name, _splat: path };
      if (branch.forkedBranchId === null) await navigate({ to: "/x/$user/$val/code/$", params: where });
      else
        await navigate({
          to: "/x/$user/$val/branch/$branch/code/$",
          params: { ...where, branch: branch.name },
        });
    });
  return { busy, add };
}

function freePath(name: string, files: Where["files"]): string {
  const taken = new Set(files.map(({ path }) => path));
  for (let n = 1; ; n++) {
    const path = n === 1 ? `${name}.ts` : `${name}${n}.ts`;
    if (!taken.has(path)) return path;
  }
}
