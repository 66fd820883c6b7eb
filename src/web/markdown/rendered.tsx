import { type AnyRouter, useRouter } from "@tanstack/react-router";
import { type MouseEvent, useEffect, useMemo } from "react";
import { type RenderOptions, renderMarkdown } from "./render.ts";

/** See Markdown, which loads this. */
export default function Rendered({ text, ...options }: { text: string } & RenderOptions) {
  const router = useRouter();
  const { link, anchors } = options;
  const html = useMemo(
    () => renderMarkdown(text, { ...(link && { link }), ...(anchors && { anchors }) }),
    [text, link, anchors],
  );
  // The text comes after the page: what the address names within it is there only now.
  useEffect(() => {
    const id = decodeURIComponent(location.hash.slice(1));
    if (id !== "" && html !== "") document.getElementById(id)?.scrollIntoView();
  }, [html]);
  // Nothing of the text becomes an element that markdown does not have: see renderMarkdown.
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the links in it are what is clicked
    // biome-ignore lint/a11y/useKeyWithClickEvents: and Enter on a link is a click
    <div
      className="markdown"
      onClick={(event) => follow(event, router)}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: see above
      dangerouslySetInnerHTML={{ __html: html }}
    />
  );
}

/** A link to a page of the town is gone to without loading the town anew. */
function follow(event: MouseEvent, router: AnyRouter): void {
  const link = (event.target as Element).closest("a");
  const href = link?.getAttribute("href");
  if (!href?.startsWith("/") || href.startsWith("//") || event.defaultPrevented) return;
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (/^\/(?:documentation|auth|api)\b/.test(href)) return;
  event.preventDefault();
  void router.navigate({ href });
}
