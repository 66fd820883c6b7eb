import type { Mail } from "./mails.ts";

/** Whatever a mail holds is text here: whoever knows the address writes it. */
export function toPage(address: string, mails: readonly Mail[]): string {
  const shown = mails.map(toMessage).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Mail to chat</title>
<style>
:root { color-scheme: light dark; --page: light-dark(#f6f5f2, #16171a); --card: light-dark(#fff, #222428); --ink: light-dark(#1f2328, #e8e8e6); --soft: light-dark(#656b72, #9aa0a8); --line: light-dark(#ddd8cf, #34373d); font: 1rem/1.55 system-ui, sans-serif; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 44rem; padding: 1.5rem 1rem 3rem; overflow-wrap: anywhere; background: var(--page); color: var(--ink); }
h1 { font-size: 1.1rem; margin: 0; }
header p, time, small, .empty { color: var(--soft); }
a { color: inherit; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 1rem; border-bottom-left-radius: .25rem; padding: .75rem 1rem; margin: 1rem 0; }
article > p:first-child { display: flex; flex-wrap: wrap; gap: 0 1rem; justify-content: space-between; margin: 0 0 .25rem; font-size: .9rem; }
h2 { font-size: 1rem; margin: 0; }
pre { font: inherit; white-space: pre-wrap; margin: .5rem 0 0; max-height: 24rem; overflow: auto; }
ul { list-style: none; display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; margin: .75rem 0 0; }
img { display: block; max-width: 100%; max-height: 20rem; border-radius: .5rem; }
</style>
</head>
<body>
<header>
<h1>Mail to chat</h1>
<p>Write to <a href="mailto:${toText(address)}">${toText(address)}</a></p>
</header>
<main>
${shown || '<p class="empty">Nobody has written yet.</p>'}
</main>
</body>
</html>
`;
}

function toMessage({ id, sender, subject, text, at, files }: Mail): string {
  const when = new Date(at).toISOString();
  const items = files.map((file, number) => `<li>${toItem(file, `/files/${id}/${number}`)}</li>`).join("");
  return `<article>
<p><strong>${toText(sender)}</strong> <time datetime="${when}">${when.slice(0, 16).replace("T", " ")} UTC</time></p>
${subject && `<h2>${toText(subject)}</h2>`}
${text && `<pre>${toText(text)}</pre>`}
${items && `<ul>${items}</ul>`}
</article>`;
}

function toItem({ name, type, size }: Mail["files"][number], address: string): string {
  if (/^image\/(png|jpeg|gif|webp)$/.test(type))
    return `<a href="${address}"><img src="${address}" alt="${toText(name)}" loading="lazy"></a>`;
  return `<a href="${address}" download>${toText(name)}</a> <small>${Math.ceil(size / 1024)} kB</small>`;
}

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function toText(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? "");
}
