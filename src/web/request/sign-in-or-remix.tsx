import { boot, signInPath } from "../client/boot.ts";
import { buttonClass } from "../ui/button.tsx";
import { Empty } from "../ui/states.tsx";

/** What only those may do who may change the val, and what others can do instead. */
export function SignInOrRemix({ what }: { what: string }) {
  if (boot.viewer !== null) {
    return <Empty title={`Remix it to ${what}`}>It runs in its owner's name. A remix of it is yours.</Empty>;
  }
  return (
    <Empty
      title={`Sign in to ${what}`}
      action={
        <a className={buttonClass({ kind: "primary" })} href={signInPath()}>
          Sign in
        </a>
      }
    >
      It runs in its owner's name; after a remix it is yours.
    </Empty>
  );
}
