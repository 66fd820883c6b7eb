/** What everyone can do with a val: like it, remix it, pass it on, take it along. */

import { Link } from "@tanstack/react-router";
import { Download, Ellipsis, GitFork, GitPullRequestArrow, Heart, Settings, Trash2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { signInPath } from "../../client/boot.ts";
import { call, pathOf } from "../../client/call.ts";
import { queries, query } from "../../client/queries.ts";
import { Button, buttonClass, IconButton } from "../../ui/button.tsx";
import { Menu, MenuItem, MenuLine } from "../../ui/menu.tsx";
import { count } from "../../ui/small.tsx";
import { toastProblem } from "../../ui/toast.tsx";
import { useVal, type ValView } from "./context.ts";
import { ShareMenu } from "./head-share.tsx";
import { usePropose } from "./pulls-propose.ts";

const RemixDialog = lazy(() => import("./head-remix.tsx").then((part) => ({ default: part.RemixDialog })));

/** The buttons at the end of the head. */
export function ValActions() {
  const { val, viewer } = useVal();
  const [remixing, setRemixing] = useState(false);
  return (
    <>
      <Like val={val} signedIn={viewer !== null} />
      {viewer === null ? (
        <a className={buttonClass({ small: true })} href={signInPath()} title="Sign in to remix this val">
          <GitFork size={15} aria-hidden /> <span className="val-action-word">Remix</span>
        </a>
      ) : (
        <Button small icon={<GitFork size={15} />} aria-label="Remix" onClick={() => setRemixing(true)}>
          <span className="val-action-word">Remix</span>
        </Button>
      )}
      <ShareMenu />
      <MoreMenu />
      {remixing && (
        <Suspense>
          <RemixDialog onClose={() => setRemixing(false)} />
        </Suspense>
      )}
    </>
  );
}

function Like({ val, signedIn }: { val: ValView["val"]; signedIn: boolean }) {
  const { liked, likeCount } = val;
  const heart = <Heart size={15} aria-hidden fill={liked ? "currentColor" : "none"} />;
  const says = `${liked ? "Liked" : "Like"}: ${count(likeCount, "like")}`;
  if (!signedIn) {
    return (
      <a className={buttonClass({ kind: "plain", small: true })} href={signInPath()} aria-label={says}>
        {heart} {likeCount}
      </a>
    );
  }
  return (
    <Button
      small
      kind="plain"
      className={liked ? "val-liked" : ""}
      icon={heart}
      aria-label={says}
      aria-pressed={liked}
      onClick={() => void toggleLike(val)}
    >
      {likeCount}
    </Button>
  );
}

/** Shows it at once, and takes it back if it cannot be done. */
async function toggleLike({ id, liked }: ValView["val"]): Promise<void> {
  const { queryKey } = query("getValDetails", { params: { val_id: id } });
  const show = (now: boolean) =>
    queries.setQueryData(
      queryKey,
      (old) => old && { ...old, liked: now, likeCount: old.likeCount + Number(now) - Number(old.liked) },
    );
  await queries.cancelQueries({ queryKey });
  show(!liked);
  try {
    await call(liked ? "unlikeVal" : "likeVal", { params: { val_id: id } });
  } catch (error) {
    show(liked);
    toastProblem(error);
  }
}

function MoreMenu() {
  const { val, mayWrite } = useVal();
  const propose = usePropose();
  const params = { user: val.author.username ?? "", val: val.name };
  const trigger = (
    <IconButton label="More" small>
      <Ellipsis size={17} />
    </IconButton>
  );
  return (
    <Menu trigger={trigger}>
      {propose && (
        <MenuItem onSelect={propose.go}>
          <GitPullRequestArrow size={15} /> Propose changes to {propose.to}
        </MenuItem>
      )}
      <MenuItem asChild>
        <a href={pathOf("getValExport", { params: { val_id: val.id } })} download>
          <Download size={15} /> Export as tar
        </a>
      </MenuItem>
      <MenuItem asChild>
        <a href={pathOf("getValExport", { params: { val_id: val.id }, query: { history: true } })} download>
          <Download size={15} /> Export with all versions
        </a>
      </MenuItem>
      {mayWrite && (
        <>
          <MenuLine />
          <MenuItem asChild>
            <Link to="/x/$user/$val/settings" params={params}>
              <Settings size={15} /> Settings
            </Link>
          </MenuItem>
          <MenuItem danger asChild>
            <Link to="/x/$user/$val/settings" params={params} hash="delete">
              <Trash2 size={15} /> Delete…
            </Link>
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
