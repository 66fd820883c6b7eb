// Is it up? Looks every five minutes, and shows the week
import { type Check, readSites, type Site } from "./checks.ts";

const SHOWN = 60;

export default async function page(): Promise<Response> {
  const sites = await readSites(SHOWN);
  const body =
    sites.length > 0
      ? sites.map(toRow).join("")
      : "<p>Nobody has looked yet: start the schedule of cron.ts, or run it by hand.</p>";
  return new Response(HEAD + body, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    },
  });
}

function toRow({ url, up, last }: Site): string {
  const now = last.at(-1)?.ok ? "up" : "down";
  return `<h2 class="${now}">${toHtml(url)}</h2>
<p>${now}, ${(100 * up).toFixed(1)} % of this week</p><div role="img" aria-label="The last ${last.length} checks">${last.map(toBar).join("")}</div>`;
}

function toBar({ at, ok, status, ms }: Check): string {
  const what = `${new Date(at).toISOString()}: ${status || "no answer"}, ${ms} ms`;
  return `<i class="${ok ? "up" : "down"}" title="${what}"></i>`;
}

function toHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const HEAD = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Is it up?</title>
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="60">
<style>
:root { color-scheme: light dark; --up: #2a9d5c; --down: #d64545 }
body { font: 1rem/1.5 system-ui; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
h2 { font-size: 1rem; margin: 2rem 0 0; overflow-wrap: anywhere }
h2::before { content: "● " } h2.up::before { color: var(--up) } h2.down::before { color: var(--down) }
p { margin: 0 } div { display: flex; gap: 2px; height: 2rem; margin-top: .5rem }
i { flex: 1; max-width: 8px; border-radius: 2px } i.up { background: var(--up) } i.down { background: var(--down) }
</style><h1>Is it up?</h1>
`;
