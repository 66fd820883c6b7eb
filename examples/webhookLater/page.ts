import type { Event } from "./events.ts";

const STYLE = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
  pre { padding: .75rem 1rem; border-radius: .5rem; overflow-x: auto; background: light-dark(#f0efec, #25272b); }
  table { width: 100%; border-collapse: collapse; }
  th, td { padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top; white-space: nowrap; border-bottom: 1px solid light-dark(#ddd, #3a3d43); }
  td:nth-child(3) { width: 100%; white-space: normal; overflow-wrap: anywhere; }`;

/** A page that loads itself again while something is under way. */
export function render(events: readonly Event[], origin: string): string {
  const busy = events.some(({ status }) => /^accepted|%$/.test(status));
  const rows = events.map(({ id, body, status, at }) => {
    const cells = [String(id), at.slice(11, 19), body, status].map((text) => `<td>${toText(text)}</td>`);
    return `<tr>${cells.join("")}</tr>`;
  });
  const table = `<table><tr><th>#<th>UTC<th>Text<th>Work</tr>${rows.join("")}</table>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${busy ? '<meta http-equiv="refresh" content="1">' : ""}
<title>Webhooks</title>
<style>${STYLE}</style>
<h1>Webhooks</h1>
<pre>curl -d 'hello' '${toText(origin)}/?seconds=5'</pre>
${rows.length === 0 ? "<p>Nothing has come yet.</p>" : table}
</html>`;
}

function toText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
