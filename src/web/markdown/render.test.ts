import { expect, test } from "bun:test";
import { renderMarkdown } from "./render.ts";

const HOSTILE = [
  "<script>alert(1)</script>",
  '<img src=x onerror="alert(1)">',
  "[a](javascript:alert(1))",
  "[a](JaVaScRiPt:alert(1))",
  "[a](&#106;avascript:alert(1))",
  "[a](data:text/html,<script>alert(1)</script>)",
  "[a](vbscript:x)",
  "![a](javascript:alert(1))",
  "<javascript:alert(1)>",
  '[a](https://a.example "\\" onmouseover=alert(1) x=\\"")',
  '```"><script>alert(1)</script>\nx\n```',
  "[a]: javascript:alert(1)\n\n[a]",
];

test("whatever is written, no element and no address comes out that could run something", () => {
  for (const text of HOSTILE) {
    const html = renderMarkdown(text);
    expect([text, /<(?!\/?(?:p|a|pre|code|em|strong|ul|ol|li)\b)/.exec(html)]).toEqual([text, null]);
    expect([text, /<[^>]*\son\w+=/i.exec(html.replaceAll(/"[^"]*"/g, '""'))]).toEqual([text, null]);
    expect([text, /(?:href|src)="\s*(?:javascript|data|vbscript):/i.exec(html)]).toEqual([text, null]);
  }
});

test("a picture is a link to it, and headings have the names that links within the text use", () => {
  expect(renderMarkdown("![A cat](https://a.example/cat.png)")).toContain(
    '<a href="https://a.example/cat.png" rel="nofollow noopener noreferrer">A cat</a>',
  );
  expect(renderMarkdown("## What `starts` by itself\n## What starts by itself", { anchors: true })).toContain(
    'id="what-starts-by-itself-1"',
  );
});
