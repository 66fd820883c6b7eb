import { useRouter } from "@tanstack/react-router";
import { Send } from "lucide-react";
import { type Draft, FRESH, METHODS } from "../request/draft.ts";
import { pastOf, remember } from "../request/past.ts";
import { Button } from "../ui/button.tsx";
import type { Traced } from "./trace-words.ts";

/** What a browser or the town sets by itself, and what belongs to one connection. */
const NOT_AGAIN =
  /^(?:host|connection|content-length|transfer-encoding|accept-encoding|te|upgrade|keep-alive|x-forwarded-.*|forwarded|origin|referer|sec-.*)$/;

/** A recorded request as a draft of another one: without its body, which is not on record, and what was hidden. */
export function toDraft({ method, url, requestHeaders }: NonNullable<Traced["call"]>): Draft {
  const { pathname, search } = new URL(url);
  const headers = Object.entries(requestHeaders).filter(
    ([name, value]) => value !== "(hidden)" && !NOT_AGAIN.test(name),
  );
  return { ...FRESH, method, path: `${pathname}${search}`, headers };
}

/** Opens the file with its request panel, where this request is ready to be sent again. */
export function Resend({ traced: { call, file }, base }: { traced: Traced; base: string }) {
  const router = useRouter();
  if (call?.kind !== "http" || file.path === null || !URL.canParse(call.url)) return null;
  if (!METHODS.some((method) => method === call.method)) return null;
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  const go = () => {
    const draft = toDraft(call);
    const { status, durationMs } = call;
    remember(file.id, pastOf(file.id), { at: Date.now(), draft, status, ms: durationMs ?? 0 });
    void router.navigate({ href: `${base}/code/${path}?panel=request` });
  };
  return (
    <Button small icon={<Send size={14} />} onClick={go}>
      Send again
    </Button>
  );
}
