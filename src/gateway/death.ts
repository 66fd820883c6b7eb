import type { Call } from "../dispatch/dispatch.ts";
import { HamletError } from "../errors.ts";
import type { Target } from "../pool/types.ts";

/** How long to wait for the pool's word on why a worker went, before calling it a plain death. */
const WORD_MS = 500;
/** An answer may also break off without any death: then nobody should wait long for its end. */
const WORD_MIDWAY_MS = 100;

/**
 * A connection to the worker is lost: ask the pool why, so that the author is told the reason, and that the visitor's
 * next request does not meet the dead worker.
 * @param midway the answer had begun
 */
export async function causeOfDeath(
  call: Call | undefined,
  midway: boolean,
  lost = new HamletError("val_died", midway ? "The val's answer broke off." : undefined),
): Promise<HamletError> {
  if (call === undefined) return lost;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, midway ? WORD_MIDWAY_MS : WORD_MS, undefined);
  });
  const death = await Promise.race([call.died, silence]);
  clearTimeout(timer);
  if (death === undefined) return lost;
  return new HamletError(death.reason === "load" ? "load_failed" : "val_died", death.message, {
    cause: lost,
  });
}

/**
 * Nobody took the request, so that it is safe with another worker, once the pool has said that this one is dead.
 * @throws HamletError why there is no other worker
 */
export async function moveCall(call: Call | undefined, refused: HamletError): Promise<Target> {
  const cause = await causeOfDeath(call, false, refused);
  if (call === undefined || cause === refused || cause.code !== "val_died") throw cause;
  return await call.move();
}
