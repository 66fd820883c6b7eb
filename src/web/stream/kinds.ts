/** What came, and how it can be shown. */

export type View = "json" | "image" | "events" | "text" | "hex" | "chunks";

export const VIEW_NAMES: Readonly<Record<View, string>> = {
  json: "JSON",
  image: "Image",
  events: "Events",
  text: "Text",
  hex: "Hex",
  chunks: "Chunks",
};

/** More than this is not parsed to be made pretty. */
const MAX_JSON = 2 * 1024 * 1024;

/** The ways to show it, the best one first. */
export function viewsOf({
  contentType = "",
  beginning,
  size,
  ended,
}: {
  contentType?: string | undefined;
  /** Its first bytes. */
  beginning: Uint8Array;
  size: number;
  ended: boolean;
}): View[] {
  const type = contentType.toLowerCase().split(";")[0]!.trim();
  if (type === "text/event-stream") return ["events", "text", "hex", "chunks"];
  // A picture is shown by the browser, as a picture: nothing in it can run.
  if (type.startsWith("image/")) {
    const source: View[] = type === "image/svg+xml" ? ["text"] : [];
    return ended && size > 0 ? ["image", ...source, "hex", "chunks"] : [...source, "hex", "chunks"];
  }
  const isJson = type === "application/json" || type.endsWith("+json");
  if (isJson && ended && size > 0 && size <= MAX_JSON) return ["json", "text", "hex", "chunks"];
  if (isText(type) || isJson || looksLikeText(beginning)) return ["text", "hex", "chunks"];
  return ["hex", "text", "chunks"];
}

function isText(type: string): boolean {
  return (
    type.startsWith("text/") ||
    /[/+](?:xml|javascript|ecmascript|x-ndjson|ndjson|graphql|x-www-form-urlencoded)$/.test(type)
  );
}

function looksLikeText(bytes: Uint8Array): boolean {
  // A character may be cut at the end.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    const text = decoder.decode(bytes, { stream: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose
    return !/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text);
  } catch {
    return false;
  }
}

/** A name for a download, by what it is. */
export function downloadName(contentType = ""): string {
  const type = contentType.toLowerCase().split(";")[0]!.trim();
  const known: Readonly<Record<string, string>> = {
    "text/plain": "txt",
    "text/event-stream": "txt",
    "text/javascript": "js",
    "image/svg+xml": "svg",
    "image/jpeg": "jpg",
  };
  const sub = /^(?:text|image|application|audio|video)\/(?:x-)?([a-z0-9]{2,5})$/.exec(type)?.[1];
  return `answer.${known[type] ?? sub ?? "bin"}`;
}
