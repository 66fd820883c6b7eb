import { email } from "https://esm.town/v/std/email";
import { type Item, readFeed } from "./feed.ts";
import { feeds } from "./feeds.ts";
import { recall, remember } from "./memory.ts";

/** Of a feed that is new, and of one that was quiet for long, not everything at once. */
const MOST = 10;

/** Mails what is new since the last time. What could not be mailed is new again the next time. */
export default async function digest(): Promise<void> {
  const { seen, news: last } = await recall();
  const news: Item[] = [];
  const failures: string[] = [];
  for (const url of feeds()) {
    try {
      const items = await fetchItems(url);
      const known = new Set(seen[url]);
      news.push(...items.filter(({ id }) => !known.has(id)).slice(0, MOST));
      seen[url] = items.map(({ id }) => id);
    } catch (error) {
      failures.push(`${url}: ${reasonOf(error)}`);
      console.error(failures.at(-1));
    }
  }
  if (news.length > 0)
    await email({ subject: `${news.length} new in your feeds`, text: news.map(toText).join("\n\n") });
  await remember({ seen, news: news.length > 0 ? news : last, failures, at: new Date().toISOString() });
  console.log(`${news.length} new, ${failures.length} of ${feeds().length} feeds failed`);
}

async function fetchItems(url: string): Promise<Item[]> {
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000) });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  const items = readFeed(await response.text());
  if (items.length === 0) throw new Error("neither RSS nor Atom, or empty");
  return items;
}

/** What `fetch` says itself is only that it failed; why is in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

function toText({ title, link }: Item): string {
  return `${title}\n${link}`;
}
