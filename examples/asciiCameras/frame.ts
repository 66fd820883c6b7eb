import type { Camera } from "./cameras.ts";

const SHADES = " .,:;-~+=*!?#%&@";
/** A character is about twice as high as it is wide. */
const ASPECT = 0.5;
const PICTURE = 9 / 16;

/** One frame of a camera: lines of `width` characters. */
export function drawFrame(camera: Camera, width: number, time: number): string {
  const height = Math.round(width * ASPECT * PICTURE);
  const see = camera(time);
  let text = "";
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const brightness = see((column / (width - 1)) * 2 - 1, (row / (height - 1)) * 2 - 1);
      text += SHADES[Math.min(SHADES.length - 1, Math.max(0, Math.floor(brightness * SHADES.length)))];
    }
    text += "\n";
  }
  return text;
}
