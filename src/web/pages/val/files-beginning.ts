import { isCode } from "../../../val/file.ts";
import type { FileRow } from "../../editor/tree.ts";

const BEGINNINGS: Readonly<Partial<Record<FileRow["type"], string>>> = {
  http: `export default function (request: Request): Response {
  return new Response("Hello from " + new URL(request.url).pathname);
}
`,
  interval: `export default function (interval: { lastRunAt: Date | undefined }) {
  console.log("Last run:", interval.lastRunAt);
}
`,
  email: `export default function (email: { from: string; subject?: string; text?: string }) {
  console.log("Mail from", email.from, email.subject);
}
`,
};

/** What a new file says, so that it does something at once. */
export function beginning(type: FileRow["type"], path: string): string {
  if (!isCode(path)) return "";
  const text = BEGINNINGS[type] ?? "";
  return /\.[mc]?ts$|\.tsx$/.test(path)
    ? text
    : text.replace(/: (?:Request|Response|\{[^}]*\})(?=[ )])/g, "");
}
