import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { createTxtLookup } from "../../services/txt.ts";
import type { Domain } from "../../store/store.ts";
import { ownHosts } from "../../val/address.ts";
import { toDomain, verificationName } from "../../val/domain.ts";
import { DEFAULT_LIMIT } from "../contract/common.ts";
import {
  askDomain,
  createDomain,
  deleteDomain,
  type domainSchema,
  listDomains,
  verifyDomain,
} from "../contract/triggers.ts";
import { readable, viewerOf, writable } from "./access.ts";
import type { App, Env, Tools } from "./app.ts";
import type { Links } from "./links.ts";
import { presentPage } from "./present.ts";
import { ApiError } from "./problem.ts";

/** Between two looks at one domain: each is a question to servers of somebody else's. */
const LOOK_EVERY_MS = 2000;

export function addDomainRoutes(app: App, { store, deploy, services }: Tools): void {
  const lookup = services.txt ?? createTxtLookup();

  app.openapi(askDomain, async (c) => {
    const host = c.req.valid("query").domain.toLowerCase().replace(/\.$/, "");
    if (!(await deploy.serves(host))) throw new ApiError(404, "Nothing is served at this host");
    return c.json({ host }, 200);
  });

  app.openapi(listDomains, async (c) => {
    const { limit = DEFAULT_LIMIT, offset = 0 } = c.req.valid("query");
    const { rows, more } = await store.domains.list(accountsOf(c), { limit, offset });
    const links = c.get("links");
    return c.json(
      presentPage(
        rows.map((one) => present(one, links)),
        links,
        more,
        { limit, offset },
      ),
      200,
    );
  });

  app.openapi(createDomain, async (c) => {
    const { host: written, fileId } = c.req.valid("json");
    const file = await store.files.find(fileId);
    if (file === undefined) throw new ApiError(404, "File not found");
    const { id: valId, userId } = await readable(c, store.vals.find(file.valId), "File not found");
    await writable(c, store, valId);
    if (file.type !== "http")
      throw new ApiError(
        422,
        "A domain leads to a file of type http, which this one is not. Choose another, or change its type",
      );
    const links = c.get("links");
    const domain = toDomain(written, townHosts(links));
    if ("problem" in domain) throw new ApiError(422, domain.problem);
    const before = await store.domains.find([userId], domain.host);
    const made = await store.domains.claim(domain.host, { id: fileId, valId, userId });
    if (made.verifiedAt !== null) await moved(made, before);
    return c.json(present(made, links), 201);
  });

  app.openapi(verifyDomain, async (c) => {
    const domain = await own(c, c.req.valid("param").host);
    const wait = (domain.checkedAt ?? 0) + LOOK_EVERY_MS - Date.now();
    if (wait > 0)
      throw new ApiError(429, "It was looked for just now. Try again in a moment", undefined, {
        "retry-after": String(Math.ceil(wait / 1000)),
      });
    await store.domains.checked(domain.id);
    const texts = await recordsOf(domain);
    if (!texts.includes(domain.token))
      throw new ApiError(
        422,
        `There is no TXT record ${verificationName(domain.host)} with the text ${domain.token}. New records may take a while to be seen`,
      );
    const holder = await store.domains.holder(domain.host);
    const loser = holder?.id === domain.id ? undefined : holder;
    if (loser !== undefined && texts.includes(loser.token))
      throw new ApiError(
        409,
        "Another account has this domain, and its record is still there. Remove that record first",
      );
    const verified = await store.domains.verified(domain, loser);
    await moved(verified, loser);
    return c.json(present(verified, c.get("links")), 200);
  });

  app.openapi(deleteDomain, async (c) => {
    const domain = await own(c, c.req.valid("param").host);
    await store.domains.remove(domain.id);
    await deploy.addressed(domain.valId, domain.host);
    return c.body(null, 204);
  });

  /** First away from where it led, or the table would forget the new place with the old one. */
  async function moved(domain: Domain, before: Domain | undefined): Promise<void> {
    if (before !== undefined && before.valId !== domain.valId)
      await deploy.addressed(before.valId, domain.host);
    await deploy.addressed(domain.valId, domain.host);
  }

  async function own(c: Context<Env>, host: string): Promise<Domain> {
    const domain = await store.domains.find(accountsOf(c), host.toLowerCase());
    if (domain === undefined) throw new ApiError(404, "Domain not found");
    return domain;
  }

  async function recordsOf({ host }: Domain): Promise<string[]> {
    try {
      return await lookup(verificationName(host));
    } catch {
      throw new ApiError(
        422,
        `No name server would say what is at ${verificationName(host)}. Try again later`,
      );
    }
  }
}

/** The viewer's own account first. */
function accountsOf(c: Context<Env>): string[] {
  const { userId, accounts } = viewerOf(c);
  return [userId, ...[...accounts].filter((one) => one !== userId)];
}

function townHosts({ town }: Links): string[] {
  const own = ownHosts(town, "https://esm.town").map((host) => host.replace(/^\./, "").replace(/:\d+$/, ""));
  return [...own, town.webDomain];
}

function present(domain: Domain, { town }: Links): z.infer<typeof domainSchema> {
  const { host, fileId, token: value, createdAt, verifiedAt } = domain;
  return {
    host,
    fileId,
    verified: verifiedAt !== null,
    verification: { type: "TXT", name: verificationName(host), value },
    target: `domains.${town.webDomain}`,
    createdAt: new Date(createdAt).toISOString(),
    verifiedAt: verifiedAt === null ? null : new Date(verifiedAt).toISOString(),
  };
}
