import { type Draft, takesBody, toPath } from "./draft.ts";

/** The request as a command line that does the same. */
export function toCurl(endpoint: string, draft: Draft, fileName?: string): string {
  const { method, headers, kind, text, form } = draft;
  const parts = ["curl -N -i"];
  const body = takesBody(method) && kind !== "none";
  if (method === "HEAD") parts.push("--head");
  else if (method !== "GET") parts.push(`-X ${method}`);
  parts.push(quote(`${endpoint}${toPath(draft.path) ?? "/"}`));
  const given = headers.filter(([name]) => name !== "");
  for (const [name, value] of given) parts.push(`-H ${quote(`${name}: ${value}`)}`);
  const hasType = given.some(([name]) => name.toLowerCase() === "content-type");
  const type = {
    text: "text/plain;charset=utf-8",
    json: "application/json",
    file: "application/octet-stream",
  };
  if (body && kind !== "form" && !hasType) parts.push(`-H ${quote(`content-type: ${type[kind]}`)}`);
  if (body && kind === "file") parts.push(`-T ${quote(fileName ?? "file")}`);
  else if (body && kind === "form") {
    for (const [name, value] of form)
      if (name !== "") parts.push(`--data-urlencode ${quote(`${name}=${value}`)}`);
  } else if (body) parts.push(`--data-raw ${quote(text)}`);
  return parts.join(" \\\n  ");
}

/** For a shell: nothing within single quotes means anything. */
const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
