import type { Places } from "../sandbox/types.ts";
import type { Deployment } from "../val/deployment.ts";

/**
 * A worker's text with the places in it as the val's author knows them: modules by their public URLs, packages by name and
 * version, our own frames not at all. What lies where on this machine is nobody's business.
 */
export function asAuthorsKnowIt(text: string, places: Places, deployment: Deployment | undefined): string {
  if (!text.includes("file:///")) return text;
  const isOurs = (line: string) => /^\s+at /.test(line) && places.guest.some((url) => line.includes(url));
  const kept = text.split("\n").filter((line) => !isOurs(line));
  const packages = new RegExp(
    `${RegExp.escape(places.packages)}[^/\\s]+/((?:@[^/\\s]+/)?[^/\\s]+)/([^/\\s]+)/`,
    "g",
  );
  return kept.join("\n").replaceAll(packages, "npm:$1@$2/").replaceAll(places.val, baseOf(deployment));
}

/** `https://esm.town/v/me/hello@3-main/`: where the files of this version lie, for all who read of them. */
function baseOf(deployment: Deployment | undefined): string {
  return /^[a-z]+:\/\/[^/]+\/v\/[^/]+\/[^/]+\//.exec(deployment?.module ?? "")?.[0] ?? "./";
}
