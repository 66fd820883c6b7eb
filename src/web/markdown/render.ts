/** Markdown as HTML in which nothing but markdown's own elements can be: HTML within it is shown as text. */

import MarkdownIt from "markdown-it";

/** What is different from place to place. */
export interface RenderOptions {
  /** What a link of the text leads to here; undefined shows it as it is written. */
  readonly link?: (href: string) => string | undefined;
  /** Headings get names that links lead to: only in texts of ours, since a name can hide one of the page's own. */
  readonly anchors?: boolean;
}

/** Links with these schemes, and those without one. */
const GOOD_LINK = /^(?:https?:|mailto:|[^:]*$|[^:]*[/?#])/i;

/** Renders a text that anybody may have written. */
export function renderMarkdown(text: string, { link, anchors = false }: RenderOptions = {}): string {
  const markdown = new MarkdownIt({ html: false, linkify: true });
  markdown.validateLink = (url) => GOOD_LINK.test(url.trim());
  const { rules } = markdown.renderer;
  rules.link_open = (tokens, at, options, _env, self) => {
    const token = tokens[at]!;
    const href = String(token.attrGet("href") ?? "");
    const leads = link?.(href) ?? href;
    token.attrSet("href", leads);
    // What somebody wrote into a text says nothing about where it leads.
    if (/^https?:/i.test(leads)) token.attrSet("rel", "nofollow noopener noreferrer");
    return self.renderToken(tokens, at, options);
  };
  // No request leaves the town: a picture becomes a link to it.
  rules.image = (tokens, at) => {
    // In our own guides it would show what one has before one.
    if (anchors) return "";
    const token = tokens[at]!;
    const href = String(token.attrGet("src") ?? "");
    const { escapeHtml } = markdown.utils;
    const name = escapeHtml(token.content === "" ? href : token.content);
    return `<a href="${escapeHtml(link?.(href) ?? href)}" rel="nofollow noopener noreferrer">${name}</a>`;
  };
  // Code may be wider than the page: who has no pointer scrolls it by keys.
  const { fence } = rules;
  rules.fence = (...given) => fence!(...given).replace("<pre>", '<pre tabindex="0">');
  // By the names that GitHub gives them.
  const seen = new Map<string, number>();
  rules.heading_open = (tokens, at, options, _env, self) => {
    const slug = toSlug(tokens[at + 1]?.content ?? "", seen);
    if (anchors && slug !== "") tokens[at]!.attrSet("id", slug);
    return self.renderToken(tokens, at, options);
  };
  return markdown.render(text);
}

/** `What starts by itself` → `what-starts-by-itself`, numbered when there are several. */
function toSlug(heading: string, seen: Map<string, number>): string {
  const slug = heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
  const times = seen.get(slug) ?? 0;
  seen.set(slug, times + 1);
  return times === 0 ? slug : `${slug}-${times}`;
}
