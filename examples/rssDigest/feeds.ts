const FEEDS = ["https://deno.com/feed"];

/** Those in the variable `FEEDS` of this val's environment, with spaces between them, or else those above. */
export function feeds(): string[] {
  const own = Deno.env.get("FEEDS")?.split(/\s+/).filter(Boolean) ?? [];
  return own.length > 0 ? own : FEEDS;
}
