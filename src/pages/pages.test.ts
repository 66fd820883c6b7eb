import { expect, test } from "bun:test";
import { assetPath, assetResponse, html, page } from "./pages.ts";

test("whatever is put into a page is text, between tags and in attributes", () => {
  const evil = `"><script>alert('1')</script>&`;
  expect(html`<a title="${evil}">${[evil, 1, false, undefined]}${html`<b>${"<"}</b>`}</a>`.toString()).toBe(
    '<a title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;">' +
      "&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;1<b>&lt;</b></a>",
  );
});

test("a page loads its style under a name of its content, and nothing inline or from elsewhere", async () => {
  const answer = page({ title: "A & B", body: html`<p>text</p>`, formTargets: ["https://client.example"] });
  const text = await answer.text();
  expect(text).toContain("<title>A &amp; B · Hamlet</title>");
  expect(text).not.toMatch(/style=|<style|<script(?![^>]* src="\/assets)|https?:/);
  const policy = answer.headers.get("content-security-policy");
  expect(policy).toContain("default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'");
  expect(policy).toContain("form-action 'self' https://client.example; frame-ancestors 'none'");
  const style = assetResponse(assetPath("style.css"));
  expect(style?.headers.get("content-type")).toBe("text/css; charset=utf-8");
  expect(text).toContain(`href="${assetPath("style.css")}"`);
  expect(assetResponse("/assets/style.css")).toBeUndefined();
});
