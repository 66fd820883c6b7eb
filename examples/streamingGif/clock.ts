/** Five rows of three pixels for each character of a clock. */
const FONT: Record<string, string[]> = {
  "0": ["###", "# #", "# #", "# #", "###"],
  "1": [" # ", "## ", " # ", " # ", "###"],
  "2": ["###", "  #", "###", "#  ", "###"],
  "3": ["###", "  #", "###", "  #", "###"],
  "4": ["# #", "# #", "###", "  #", "  #"],
  "5": ["###", "#  ", "###", "  #", "###"],
  "6": ["###", "#  ", "###", "# #", "###"],
  "7": ["###", "  #", "  #", "  #", "  #"],
  "8": ["###", "# #", "###", "# #", "###"],
  "9": ["###", "# #", "###", "  #", "###"],
  ":": ["   ", " # ", "   ", " # ", "   "],
};

const SCALE = 8;
const ADVANCE = 4;

/** For `hh:mm:ss`, with a margin of one big pixel. */
export const WIDTH = (8 * ADVANCE + 1) * SCALE;
export const HEIGHT = (5 + 2) * SCALE;

/** One palette index for each pixel, row by row: 1 where the text is, else 0. */
export function drawClock(text: string): Uint8Array {
  const pixels = new Uint8Array(WIDTH * HEIGHT);
  for (const [position, character] of [...text].entries()) {
    for (const [row, line] of (FONT[character] ?? []).entries()) {
      for (const [column, mark] of [...line].entries()) {
        if (mark === "#") fillSquare(pixels, 1 + position * ADVANCE + column, 1 + row);
      }
    }
  }
  return pixels;
}

function fillSquare(pixels: Uint8Array, column: number, row: number): void {
  for (let y = row * SCALE; y < (row + 1) * SCALE; y++) {
    const start = y * WIDTH + column * SCALE;
    pixels.fill(1, start, start + SCALE);
  }
}
