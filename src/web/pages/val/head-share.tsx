/** Addresses of a val, to pass them on. */

import { useQuery } from "@tanstack/react-query";
import { Code, Link2, Package, Radio, Share2 } from "lucide-react";
import { query } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Menu, MenuItem, MenuLabel, MenuLine } from "../../ui/menu.tsx";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { MAIN, useBranch } from "./branch.ts";
import { useVal } from "./context.ts";

/** A menu of them; each is copied. */
export function ShareMenu() {
  const trigger = (
    <Button small kind="plain" icon={<Share2 size={15} />} aria-label="Share">
      <span className="val-action-word">Share</span>
    </Button>
  );
  return (
    <Menu trigger={trigger}>
      <Rows />
    </Menu>
  );
}

/** Asked for when the menu is opened. */
function Rows() {
  const { val } = useVal();
  const { name, branch } = useBranch();
  const files = useQuery({
    ...query("listFiles", {
      params: { val_id: val.id },
      query: { path: "", recursive: true, limit: 100, branch_id: branch?.id },
    }),
    enabled: branch !== undefined,
  });
  const path = `${encodeURIComponent(val.author.username ?? "")}/${encodeURIComponent(val.name)}`;
  const page = `${location.origin}/x/${path}${name === MAIN ? "" : `/branch/${encodeURIComponent(name)}`}`;
  const modules = files.data?.data.filter(({ type }) => type !== "directory") ?? [];
  const endpoints = modules.flatMap(({ path: file, links }) =>
    links.endpoint === undefined ? [] : [{ file, url: links.endpoint }],
  );
  const entry = modules.find(({ path: file }) => /^main\.(?:\w+\.)?[jt]sx?$/.test(file)) ?? modules[0];
  return (
    <>
      <MenuItem onSelect={() => copy("The link", page)}>
        <Link2 size={15} /> Copy link
      </MenuItem>
      {endpoints.slice(0, 5).map(({ file, url }) => (
        <MenuItem key={url} onSelect={() => copy("The endpoint", url)}>
          <Radio size={15} /> Copy endpoint{endpoints.length > 1 && ` of ${file}`}
        </MenuItem>
      ))}
      {entry && (
        <MenuItem onSelect={() => copy("The module's address", entry.links.module)}>
          <Package size={15} /> Copy module URL of {entry.path}
        </MenuItem>
      )}
      <MenuLine />
      {val.privacy === "private" ? (
        <MenuLabel>Private vals cannot be embedded.</MenuLabel>
      ) : (
        <MenuItem onSelect={() => copy("The embed code", embedCode(path, val.name))}>
          <Code size={15} /> Copy embed code
        </MenuItem>
      )}
    </>
  );
}

const embedCode = (path: string, name: string): string =>
  `<iframe src="${location.origin}/embed/${path}" title="${name}" width="100%" height="400" style="border:0"></iframe>`;

/** Copies a text, and says what was copied. */
async function copy(what: string, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} is copied.`);
  } catch {
    toastProblem(`The browser does not allow copying. ${what} is ${text}`);
  }
}
