/** From what is stored to what the contract promises. */
import type { z } from "@hono/zod-openapi";
import type { Branch, Page, User, Val } from "../../store/store.ts";
import { endpointUrl, fileUrl, mailAddress, moduleUrl, userUrl, valUrl } from "../../val/address.ts";
import type { FileEntry } from "../../val/file.ts";
import { idMailbox } from "../../val/mailbox.ts";
import { nameOf } from "../../val/path.ts";
import type { fileSchema } from "../contract/files.ts";
import type { meSchema, userSchema } from "../contract/users.ts";
import type { branchSchema, valSchema } from "../contract/vals.ts";
import type { Links } from "./links.ts";
import type { BuildReport } from "./types.ts";

const toDate = (at: number) => new Date(at).toISOString();

export function presentUser(user: User, links: Links): z.infer<typeof userSchema> {
  return {
    id: user.id,
    type: user.type,
    bio: user.bio,
    username: user.username,
    profileImageUrl: user.imageUrl,
    url: userUrl(links.town, user.username),
    links: { self: `${links.api}/v1/users/${user.id}` },
  };
}

/** One's own profile. */
export function presentMe(user: User, links: Links): z.infer<typeof meSchema> {
  return { ...presentUser(user, links), tier: user.tier, email: user.email };
}

export function presentVal(val: Val, links: Links): z.infer<typeof valSchema> {
  return {
    id: val.id,
    name: val.name,
    description: val.description,
    privacy: val.privacy,
    imageUrl: val.imageUrl,
    createdAt: toDate(val.createdAt),
    author: { id: val.userId, type: val.userType, username: val.username },
    links: { self: `${links.api}/v2/vals/${val.id}`, html: valUrl(links.town, val.username, val.name) },
  };
}

export function presentBranch(branch: Branch, val: Val, links: Links): z.infer<typeof branchSchema> {
  return {
    id: branch.id,
    name: branch.name,
    version: branch.version,
    createdAt: toDate(branch.createdAt),
    updatedAt: toDate(branch.updatedAt),
    forkedBranchId: branch.forkedBranchId,
    links: {
      self: `${links.api}/v2/vals/${val.id}/branches/${branch.id}`,
      html: valUrl(links.town, val.username, val.name, branch.name),
    },
  };
}

export function presentFile(
  file: FileEntry,
  val: Val,
  branch: Pick<Branch, "name" | "version">,
  links: Links,
): z.infer<typeof fileSchema> {
  const { town } = links;
  const label = file.type === "http" ? file.labels[0] : undefined;
  const place = { username: val.username, valName: val.name, path: file.path, branch };
  return {
    id: file.id,
    name: nameOf(file.path),
    path: file.path,
    version: file.version,
    updatedAt: toDate(file.updatedAt),
    type: file.type,
    links: {
      self: `${links.api}/v2/files/${file.id}`,
      html: fileUrl(town, place),
      module: moduleUrl(town, place),
      ...(label === undefined ? {} : { endpoint: endpointUrl(town, label) }),
      ...(file.type === "email" && { email: mailAddress(town, idMailbox(val.username, file.id)) }),
    },
  };
}

/** What a save's answer says of its build, beside the file. */
export function presentReport(
  report: BuildReport,
): Pick<z.infer<typeof fileSchema>, "diagnostics" | "build"> {
  const { diagnostics, level, reasons, warnings } = report;
  const build = {
    ...(level !== undefined && { level }),
    ...(reasons?.length && { reasons: [...reasons] }),
    ...(warnings?.length && { warnings: warnings.map((one) => ({ ...one })) }),
  };
  return {
    ...(diagnostics.length > 0 && { diagnostics: diagnostics.map((one) => ({ ...one })) }),
    ...(Object.keys(build).length > 0 && { build }),
  };
}

/** Vals, the newest first; `next` says when the last of them was made. */
export function presentNewest({ rows, more }: Page<Val>, limit: number, links: Links) {
  const data = rows.map((val) => presentVal(val, links));
  const last = rows.at(-1);
  if (!more || last === undefined) return { data, links: { self: links.self } };
  const next = links.page({ limit: String(limit), cursor: toDate(last.createdAt) });
  return { data, links: { self: links.self, next } };
}

/** A page by position: `next` names every filter the caller gave, and the offset. */
export function presentPage<T>(
  data: T[],
  links: Links,
  more: boolean,
  { limit, offset }: { limit: number; offset: number },
): { data: T[]; links: { self: string; prev?: string; next?: string } } {
  const at = (from: number) => links.page({ limit: String(limit), offset: String(from) });
  return {
    data,
    links: {
      self: links.self,
      ...(offset > 0 ? { prev: at(Math.max(0, offset - limit)) } : {}),
      ...(more ? { next: at(offset + limit) } : {}),
    },
  };
}
