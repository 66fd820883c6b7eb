import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Val } from "../../store/store.ts";
import { endpointUrl, mailAddress } from "../../val/address.ts";
import type { FileEntry, FileType } from "../../val/file.ts";
import { mayWrite } from "../../val/visibility.ts";
import { getTrigger, type triggerSchema, updateTrigger } from "../contract/triggers.ts";
import { readable, writable } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import { ApiError } from "./problem.ts";
import { changeSchedule, presentSchedule } from "./trigger-schedule.ts";

const NOT_HTTP = ["http", "Only a file of type http has a subdomain. Change the file's type first"] as const;
const NOT_EMAIL = [
  "email",
  "Only a file of type email has an address. Change the file's type first",
] as const;

/** Throws when a file is to get what those of its type have not; what it has from before may be given up. */
function checkType(
  file: FileEntry,
  wanted: string | null | undefined,
  [type, sentence]: readonly [FileType, string],
): void {
  if (file.type !== type && wanted !== undefined && wanted !== null) throw new ApiError(400, sentence);
}

export function addTriggerRoutes(app: App, { store, deploy, limits }: Tools): void {
  app.openapi(getTrigger, async (c) => {
    const { file, val } = await find(c, c.req.valid("param").file_id);
    return c.json(await present(c, file, val), 200);
  });

  app.openapi(updateTrigger, async (c) => {
    const { file, val } = await find(c, c.req.valid("param").file_id);
    await writable(c, store, val.id);
    const { subdomain, emailName, ...schedule } = c.req.valid("json");
    checkType(file, subdomain, NOT_HTTP);
    checkType(file, emailName, NOT_EMAIL);
    await changeSchedule({ store, limits }, file, schedule);
    if (subdomain !== undefined) await setSubdomain(c, file, subdomain);
    if (emailName !== undefined) await store.mailAddresses.set({ id: file.id, valId: val.id }, emailName);
    return c.json(await present(c, (await store.files.find(file.id)) ?? file, val), 200);
  });

  async function setSubdomain(c: Context<Env>, file: FileEntry, subdomain: string | null): Promise<void> {
    const before = await store.subdomains.of(file.id);
    await store.subdomains.set({ id: file.id, valId: file.valId }, subdomain);
    const after = subdomain?.toLowerCase();
    const { webDomain } = c.get("links").town;
    for (const label of new Set([before, after]))
      if (label !== undefined && before !== after)
        await deploy.addressed(file.valId, `${label}.${webDomain}`);
  }

  async function find(c: Context<Env>, fileId: string): Promise<{ file: FileEntry; val: Val }> {
    const file = await store.files.find(fileId);
    if (file === undefined) throw new ApiError(404, "File not found");
    return { file, val: await readable(c, store.vals.find(file.valId), "File not found") };
  }

  async function present(c: Context<Env>, file: FileEntry, val: Val): Promise<z.infer<typeof triggerSchema>> {
    const { town } = c.get("links");
    const domains = await store.domains.ofFile(file.id);
    const isOwner = mayWrite(val, c.get("viewer"));
    const shown = domains.filter(({ verifiedAt }) => isOwner || verifiedAt !== null);
    const served = domains.filter(({ verifiedAt }) => verifiedAt !== null);
    const urls = [
      ...file.labels.map((label) => endpointUrl(town, label)),
      ...served.map(({ host }) => `${town.scheme}//${host}${town.port}`),
    ];
    return {
      type: file.type,
      endpoints: file.type === "http" ? urls : [],
      subdomain: (await store.subdomains.of(file.id)) ?? null,
      emailAddresses: (await store.mailAddresses.all(file.id)).map((local) => mailAddress(town, local)),
      emailName: (await store.mailAddresses.of(file.id)) ?? null,
      customDomains: shown.map(({ host, verifiedAt }) => ({ host, verified: verifiedAt !== null })),
      ...(await presentSchedule({ store, limits }, file)),
    };
  }
}
