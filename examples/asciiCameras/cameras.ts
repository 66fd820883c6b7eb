/** The brightness, 0 to 1, that a camera sees at a place (both -1 to 1, y downwards) and a time in seconds. */
export type Camera = (time: number) => (x: number, y: number) => number;

const { abs, cos, exp, floor, hypot, max, min, sin, sqrt } = Math;

/** Where each of them looks. */
export const CAMERAS: Readonly<Record<string, Camera>> = { harbour, city, planet, aquarium };

/** The sun sinks into moving water. */
function harbour(time: number) {
  const sun = 0.15 + 0.25 * sin(time / 7);
  return (x: number, y: number) => {
    if (y < 0.1) return hypot(x, y - sun + 0.45) < 0.3 ? 1 : max(0, 0.35 - 0.3 * abs(y - 0.1));
    const depth = y - 0.1;
    const waves = sin(40 * sqrt(depth) - 3 * time + 3 * sin(6 * x + time)) * 0.5 + 0.5;
    const glitter = exp(-((x / (0.12 + 0.4 * depth)) ** 2));
    return 0.12 + waves * (0.18 + 0.7 * glitter);
  };
}

/** Windows go on and off behind the rain. */
function city(time: number) {
  return (x: number, y: number) => {
    const block = floor(x * 6 + 6);
    const roof = 0.55 - 0.9 * noise(block, 1);
    if (y > roof) {
      const [column, row] = [floor(x * 36), floor(y * 18)];
      const frame = floor(x * 36 * 2) % 2 === 0 || floor(y * 18 * 2) % 2 === 0;
      return !frame && noise(column * 31 + row, floor(time / 3 + noise(column, row) * 3)) > 0.55
        ? 0.95
        : 0.22;
    }
    return noise(floor(x * 60), floor(y * 14 - time * 22)) > 0.94 ? 0.5 : 0.04;
  };
}

/** It turns, and half of it is day. */
function planet(time: number) {
  return (x: number, y: number) => {
    const [px, py] = [x * 1.15, y * 1.15];
    const radius = px * px + py * py;
    if (radius > 1)
      return noise(floor(x * 90), floor(y * 50)) > 0.985 ? 0.5 + 0.4 * sin(time * 3 + x * 50) : 0;
    const pz = sqrt(1 - radius);
    const turn = time / 3;
    const [lon, lat] = [px * cos(turn) - pz * sin(turn), px * sin(turn) + pz * cos(turn)];
    const land = sin(lon * 5 + 2 * sin(py * 4)) + sin(lat * 4 - py * 5) + 0.6 * sin(9 * lon + 7 * py);
    const light = max(0.06, 0.75 * px - 0.35 * py + 0.6 * pz);
    return min(1, light * (land > 0.35 ? 1 : 0.42));
  };
}

/** Something round and slow swims about. */
function aquarium(time: number) {
  const fish = Array.from({ length: 6 }, (_, one) => ({
    x: 0.9 * sin(time * (0.2 + 0.05 * one) + one * 2),
    y: 0.7 * cos(time * (0.17 + 0.04 * one) + one * 3),
    size: 0.03 + 0.012 * one,
  }));
  return (x: number, y: number) => {
    const near = fish.reduce((sum, one) => sum + one.size / ((x - one.x) ** 2 + (y - one.y) ** 2 + 0.01), 0);
    return min(1, 0.08 + 0.05 * sin(12 * x + time) * sin(9 * y - time) + near * near * 0.12);
  };
}

/** The same number, 0 to 1, for the same two. */
function noise(a: number, b: number): number {
  const value = sin(a * 127.1 + b * 311.7) * 43758.5453;
  return value - floor(value);
}
