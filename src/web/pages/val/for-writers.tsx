import type { ReactNode } from "react";
import { signInPath } from "../../client/boot.ts";
import { buttonClass } from "../../ui/button.tsx";
import { Empty } from "../../ui/states.tsx";
import { useVal } from "./context.ts";

/** A part of a val that only those see who may change it; others are told so. */
export function ForWriters({ what, children }: { what: string; children: ReactNode }) {
  const { mayWrite, viewer } = useVal();
  if (mayWrite) return children;
  const signIn = (
    <a className={buttonClass({ kind: "primary" })} href={signInPath()}>
      Sign in
    </a>
  );
  return (
    <Empty title="Not for everyone" {...(viewer === null && { action: signIn })}>
      Only those who may change this val see its {what}.
    </Empty>
  );
}
