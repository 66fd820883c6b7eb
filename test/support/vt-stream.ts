/** What `vt` does for as long as it runs: `tail`, `watch`, and the login that waits for a browser. */

import { watch as watchFolder } from "node:fs";
import type ValTown from "@valtown/sdk";
import * as openid from "openid-client";
import type { Vt } from "./vt.ts";
import type { VtFolder } from "./vt-folder.ts";
import type { Changes } from "./vt-push.ts";

type Trace = ValTown.Telemetry.TraceListResponse.Data;
type Line = ValTown.Telemetry.LogListResponse.Data;

/** A call as `vt tail` prints it. */
export interface Tailed {
  readonly traceId: string;
  readonly path: string;
  readonly type: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly lines: string[];
}

/** `vt tail`: each call of these branches that ends from now on, once. `asked` is told of each request for traces. */
export async function* tail(
  vt: Vt,
  branchIds: string[],
  { frequencyMs = 500, asked = (_start: string) => {} } = {},
): AsyncGenerator<Tailed> {
  let cursor = new Date();
  while (true) {
    while (true) {
      const start = cursor.toISOString();
      asked(start);
      const page = await vt.sdk.telemetry.traces.list({
        ...{ branch_ids: branchIds, limit: 50, start },
        ...{ order_by: "end_time", direction: "asc" },
      });
      for (const trace of page.data) yield await describe(vt, trace);
      const next = page.links.next && new URL(page.links.next).searchParams.get("start");
      if (!next) break;
      cursor = new Date(next);
    }
    await Bun.sleep(frequencyMs);
  }
}

async function describe(vt: Vt, trace: Trace): Promise<Tailed> {
  const attributes = new Map(
    trace.attributes.map(({ key, value }) => {
      // These three kinds are all that vt reads.
      const { stringValue, intValue, boolValue } = value;
      return [key, stringValue ?? intValue ?? (boolValue === undefined ? undefined : String(boolValue))];
    }),
  );
  const file = await vt.sdk.files.retrieve(attributes.get("val.file_id")!);
  const lines = (await linesOf(vt, trace.traceId)).map((line) => {
    return `${line.severityText}: ${line.body.stringValue}`;
  });
  return {
    traceId: trace.traceId,
    path: file.path,
    type: file.type,
    method: attributes.get("http.request.method")!,
    url: new URL(attributes.get("url.full")!).href,
    status: Number(attributes.get("http.response.status_code")),
    lines,
  };
}

/** The log of one call, a line at a time, as long as there is a next page. */
async function linesOf(vt: Vt, traceId: string): Promise<Line[]> {
  const lines: Line[] = [];
  let next: string | undefined;
  do {
    const start = next && new URL(next).searchParams.get("start");
    const page = await vt.sdk.telemetry.logs.list({
      ...{ limit: 1, trace_ids: [traceId], direction: "asc" },
      ...(start && { start }),
    });
    lines.push(...page.data);
    next = page.links.next;
  } while (next);
  return lines.sort((a, b) => Number(a.timeUnixNano) - Number(b.timeUnixNano));
}

/** `vt watch`: pushes, and again whenever something in the folder has changed and is quiet. */
export async function* watch(vt: Vt, folder: VtFolder, stop: AbortSignal): AsyncGenerator<Changes> {
  let changed = Promise.withResolvers<void>();
  const watcher = watchFolder(folder.path, { recursive: true }, (_, name) => {
    if (!name || !folder.rules()(name)) changed.resolve();
  });
  stop.addEventListener("abort", () => changed.resolve());
  try {
    yield await vt.push(folder);
    while (!stop.aborted) {
      await changed.promise;
      if (stop.aborted) return;
      await Bun.sleep(100);
      changed = Promise.withResolvers();
      yield await vt.push(folder);
    }
  } finally {
    watcher.close();
  }
}

/** What a person sees who logs in, and the tokens once they have said yes. */
export interface Login {
  readonly userCode: string;
  readonly page: string;
  readonly tokens: Promise<{ access_token: string; refresh_token?: string }>;
  refresh(token: string): Promise<{ access_token: string; refresh_token?: string }>;
}

/** The login of `vt` at a town whose app is at `web`. */
export async function login(web: string): Promise<Login> {
  const config = await openid.discovery(new URL(`${web}/oauth`), "val_town_vt", undefined, undefined, {
    execute: [openid.allowInsecureRequests],
  });
  const scope = "openid offline_access project_rw user_r telemetry_r";
  const device = await openid.initiateDeviceAuthorization(config, { scope });
  return {
    userCode: device.user_code,
    page: device.verification_uri_complete!,
    tokens: openid.pollDeviceAuthorizationGrant(config, device),
    refresh: (token) => openid.refreshTokenGrant(config, token),
  };
}
