// What is new in your feeds, mailed to you once a day
import type { Item } from "./feed.ts";
import { feeds } from "./feeds.ts";
import { recall } from "./memory.ts";

/** The last digest, for everyone to see: what is in the feeds is no secret. */
export default async function page(): Promise<Response> {
  const { news, failures, at } = await recall();
  const when =
    at === ""
      ? "It has not run yet: start its schedule, or run cron.ts by hand."
      : `Last run: ${at.slice(0, 16).replace("T", " ")} UTC`;
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Feeds</title>
<meta name="viewport" content="width=device-width">
<style>:root { color-scheme: light dark } body { font: 1rem/1.5 system-ui; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }</style>
<h1>New in ${feeds().length === 1 ? "one feed" : `${feeds().length} feeds`}</h1><p>${toHtml(when)}</p>
<ul>${news.map(toLine).join("")}</ul>
${failures.map((failure) => `<p>Failed: ${toHtml(failure)}</p>`).join("")}</html>`;
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    },
  });
}

function toLine({ title, link }: Item): string {
  // A feed could link to a script.
  const href = /^https?:\/\//.test(link) ? ` href="${toHtml(link)}"` : "";
  return `<li><a${href} rel="noopener">${toHtml(title || link)}</a></li>`;
}

function toHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
