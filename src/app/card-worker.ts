/** The thread that draws: an SVG of ours, with words of others in it, as a PNG. */

import { readFileSync } from "node:fs";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { html, MARK_PATH } from "../pages/pages.ts";
import type { Card } from "./card.ts";

declare const self: { onmessage: (event: { data: Card }) => void; postMessage(drawn: unknown): void };

const TITLE_WIDTH = 1040;
/** What the font has letters for. */
const LATIN = /^[\x20-\u024f\u2010-\u2026]*$/;

const read = (name: string) => readFileSync(Bun.fileURLToPath(import.meta.resolve(name)));
const fonts = ["400", "600"].map((weight) =>
  read(`@fontsource/inter/files/inter-latin-${weight}-normal.woff2`),
);
const ready = initWasm(read("@resvg/resvg-wasm/index_bg.wasm"));

self.onmessage = async ({ data }) => {
  try {
    await ready;
    const font = { fontBuffers: fonts, defaultFontFamily: "Inter", loadSystemFonts: false };
    self.postMessage({ drawn: new Resvg(draw(data), { font }).render().asPng() });
  } catch (error) {
    self.postMessage({ error });
  }
};

function draw({ title, about }: Card): string {
  // Letters are about six tenths as wide as they are high.
  const size = Math.min(84, TITLE_WIDTH / (title.length * 0.6));
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" font-family="Inter">
<rect width="1200" height="630" fill="#fbfaf7"/>
<rect y="614" width="1200" height="16" fill="#2f5d50"/>
<g transform="translate(80 84) scale(3)" fill="none" stroke="#2f5d50" stroke-width="2" stroke-linejoin="round" stroke-linecap="round">
<path d="${MARK_PATH}"/></g>
<text x="164" y="132" font-size="34" font-weight="600" fill="#2f5d50">Hamlet</text>
<text x="80" y="360" font-size="${size}" font-weight="600" fill="#23221f">${title}</text>
${LATIN.test(about) && html`<text x="80" y="430" font-size="36" fill="#65625a">${about}</text>`}
</svg>`.toString();
}
