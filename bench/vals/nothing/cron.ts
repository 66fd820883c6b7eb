/** Started by the clock, over at once. */
export default function nothing(): void {}
