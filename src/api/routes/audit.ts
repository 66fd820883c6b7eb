import type { Context } from "hono";
import { CLIENT } from "../../wire/headers.ts";
import type { Env, Tools } from "./app.ts";

/** What is to be known of a deed later. */
export interface Deed {
  /** As `{noun}.{verb}`. */
  readonly action: string;
  /** Id of what it was done to. */
  readonly subject?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Records what the caller has done. It is done: that it could not be recorded is reported, never thrown. */
export async function audit(
  c: Context<Env>,
  { store, log }: Pick<Tools, "store" | "log">,
  deed: Deed,
): Promise<void> {
  const { userId, tokenId } = c.get("viewer") ?? {};
  const address = c.req.header(CLIENT);
  await store.audit
    .record({
      ...{ ...deed, detail: { ...deed.detail, tokenId } },
      ...(userId !== undefined && { userId }),
      ...(address !== undefined && { address }),
    })
    .catch((error: unknown) => log?.error("The audit log could not be written.", { ...deed, error }));
}
