/** A town in which everything that people can write is written by somebody who means harm. */

import type { TestHamlet } from "./server.ts";

/** Words that do something wherever they are taken for more than words: they set `hacked`. */
export const EVIL = `<img src=x onerror="hacked=1"><script>hacked=1</script>`;
const QUOTED = EVIL.replaceAll('"', '""');
const MARKDOWN = `# ${EVIL}\n\n[link](javascript:hacked=1) ![picture](javascript:hacked=1)\n\n<svg onload=hacked=1>`;
/** As much of it as a path may hold. */
const FOLDER = "javascript.alert(1)--[onload]";

const FILES = {
  "main.http.ts": `// </script>${EVIL}
export default () => {
  console.log(${JSON.stringify(EVIL)}, "\\x1b[31mred");
  console.error(new Error(${JSON.stringify(EVIL)}));
  const headers = { "content-type": "text/html", "x-evil": ${JSON.stringify(EVIL)}, link: "<javascript:hacked=1>" };
  return new Response(${JSON.stringify(EVIL)}, { headers });
};`,
  "README.md": MARKDOWN,
  [`${FOLDER}/$(hacked).ts`]: `export default ${JSON.stringify(EVIL)};`,
  "clock.interval.ts": `export default () => { throw new TypeError(${JSON.stringify(EVIL)}); };`,
  "mail.email.ts": `export default () => console.log(${JSON.stringify(EVIL)});`,
};

export interface HostileTown {
  /** Of a call that was as hostile as its answer. */
  readonly trace: string;
}

/** Makes the val `tester/hostile` with all that belongs to it, the organization `evil-org`, and what is around them. */
export async function plantHostile(hamlet: TestHamlet): Promise<HostileTown> {
  const val = await hamlet.val("hostile", FILES);
  const sent = sender(hamlet);
  const v2 = `/v2/vals/${val.id}`;
  const v3 = `/v3/vals/${val.id}`;
  const [, , , , , , , other] = await Promise.all([
    sent(v3, { description: EVIL.slice(0, 64) }, "PATCH"),
    sent("/v3/me", { bio: EVIL }, "PATCH"),
    sent("/v3/me/tokens", { label: EVIL }),
    sent("/v3/orgs", { username: "evil-org", bio: EVIL }),
    sent(`${v2}/environment_variables`, { key: "SECRET", value: EVIL }),
    sent(`${v3}/sqlite/execute`, {
      statement: `create table "${QUOTED}" as select '${EVIL}' as "${QUOTED}"`,
    }),
    hamlet.api(`${v3}/blob/${encodeURIComponent(EVIL)}`, { method: "POST", body: EVIL }).then(good),
    sent(`${v2}/branches`, { name: "other" }),
    sent(`${v2}/files/email?path=mail.email.ts`, {
      from: { name: EVIL, email: "eve@example.org" },
      subject: EVIL,
      text: EVIL,
      html: EVIL,
    }),
  ]);
  await sent(`${v2}/files?path=README.md&branch_id=${other.id}`, { content: `${MARKDOWN}\nmore` }, "PUT");
  await sent(`${v3}/pulls`, { sourceBranchId: other.id, title: EVIL, description: MARKDOWN });
  await sent(`${v3}/run`, { path: "clock.interval.ts" });
  const answer = await hamlet.fetch(val, `/?q=${encodeURIComponent(EVIL)}`, {
    headers: { "x-hostile": EVIL, "user-agent": EVIL, referer: `http://localhost/${EVIL}` },
  });
  await answer.text();
  return { trace: answer.headers.get("x-hamlet-trace") ?? "" };
}

async function good(answer: Response) {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${text}`);
  return text === "" ? {} : JSON.parse(text);
}

function sender(hamlet: TestHamlet) {
  return async (path: string, json: unknown, method = "POST") =>
    good(await hamlet.api(path, { method, json }));
}
