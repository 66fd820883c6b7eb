export interface Item {
  /** What the feed calls it, which stays the same. */
  id: string;
  title: string;
  link: string;
}

/** The items of an RSS or Atom feed, the newest first as feeds have them. */
export function readFeed(xml: string): Item[] {
  const items = [...xml.matchAll(/<(item|entry)[\s>]([\s\S]*?)<\/\1>/g)];
  return items.map(([, , item = ""]) => {
    const link = textOf(item, "link") || hrefOf(item);
    return { id: textOf(item, "guid") || textOf(item, "id") || link, title: textOf(item, "title"), link };
  });
}

function textOf(xml: string, tag: string): string {
  const text = new RegExp(`<${tag}(?:\\s[^>]*)?>([\\s\\S]*?)</${tag}>`).exec(xml)?.[1] ?? "";
  const data = /^\s*<!\[CDATA\[([\s\S]*?)\]\]>\s*$/.exec(text)?.[1];
  return (data ?? decode(text.replace(/<[^>]*>/g, ""))).trim();
}

/** Atom's links; the one to the page is `alternate`, or says nothing of what it is. */
function hrefOf(xml: string): string {
  const links = [...xml.matchAll(/<link\s[^>]*>/g)].map(([link]) => link);
  const page = links.find((link) => !/\srel=/.test(link) || /\srel=["']alternate["']/.test(link));
  return decode(/\shref=["']([^"']*)["']/.exec(page ?? "")?.[1] ?? "");
}

const NAMED: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
