/** A poem of four lines, another one for another topic. */
export function poem(topic: string): string {
  const pick = makePicker(topic);
  const [first, second] = pick(RHYMES);
  return [
    `${capital(topic)}, ${first},`,
    `${pick(MIDDLES)} ${topic}`,
    `${capital(pick(MIDDLES))} the night,`,
    `${second}.`,
    "",
    "(By the demo model of this town, which has only a few verses.)",
  ].join("\n");
}

/** A whole web page that is worth looking at while it is being written. */
export function webPage(topic: string): string {
  const pick = makePicker(topic);
  const hue = pick([12, 48, 96, 150, 200, 260, 320]);
  const name = escapeHtml(capital(topic));
  const cards = [0, 1, 2].map((step) => {
    const color = `hsl(${hue + step * 25} 70% 88%)`;
    return `    <li style="background: ${color}">${escapeHtml(pick(MIDDLES))} <b>${name}</b></li>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>${name}</title>
  <style>
    body { font: 18px/1.6 system-ui, sans-serif; margin: 10vh auto; max-width: 36rem; padding: 0 1rem; }
    h1 { color: hsl(${hue} 60% 40%); font-size: 3rem; margin: 0; }
    ul { display: grid; gap: 1rem; list-style: none; padding: 0; }
    li { border-radius: 1rem; padding: 1rem 1.5rem; }
    small { color: #777; }
  </style>
</head>
<body>
  <h1>${name}</h1>
  <p>A page about ${escapeHtml(topic)}, as far as it can be told.</p>
  <ul>
${cards.join("\n")}
  </ul>
  <small>Written by the demo model of this town. A real one would have read your prompt.</small>
</body>
</html>
`;
}

const RHYMES: readonly (readonly [string, string])[] = [
  ["soft as light", "and all of it came out just right"],
  ["so far away", "until there is nothing left to say"],
  ["without a sound", "and it was never lost, but found"],
  ["early and late", "for those who have the time to wait"],
];

const MIDDLES = [
  "between two thoughts there is",
  "nobody asked, and yet here is",
  "slowly, and one by one, comes",
  "under the roofs of the town sleeps",
  "the rain has no word for",
];

/** Picks that look free and are the same for the same text (FNV-1a, then xorshift). */
function makePicker(text: string): <T>(from: readonly T[]) => T {
  let state = 2166136261;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 16777619);
  return (from) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return from[(state >>> 0) % from.length]!;
  };
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
