/** Small things that many pages show. */

import type { ReactNode } from "react";

/** A word in a pill. */
export const Badge = ({
  kind = "",
  children,
}: {
  kind?: "" | "good" | "bad" | "warn" | "info";
  children: ReactNode;
}) => <span className={`badge ${kind}`}>{children}</span>;

/** The first letter of a name. Pictures from elsewhere are not loaded: no request leaves the town. */
export const Avatar = ({ name }: { name: string }) => (
  <span className="avatar" data-letter={name.slice(0, 1)} aria-hidden />
);

/** A keyboard shortcut as this machine writes it: `Mod` is ⌘ or Ctrl. */
export const Keys = ({ keys }: { keys: string }) => <kbd>{sayKeys(keys)}</kbd>;

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** `Mod+S` as ⌘S or Ctrl+S. */
export function sayKeys(keys: string): string {
  return isMac
    ? keys.replace("Mod+", "⌘").replace("Shift+", "⇧").replace("Enter", "↵")
    : keys.replace("Mod", "Ctrl");
}

const UNITS: readonly [unit: Intl.RelativeTimeFormatUnit, ms: number][] = [
  ["year", 31_536_000_000],
  ["month", 2_592_000_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** `3 minutes ago`, with the exact time as its title. */
export function Ago({ at }: { at: string | number }) {
  const date = new Date(at);
  const away = date.getTime() - Date.now();
  const [unit, ms] = UNITS.find(([, size]) => Math.abs(away) >= size) ?? ["second", 1000];
  const text = Math.abs(away) < 10_000 ? "just now" : relative.format(Math.round(away / ms), unit);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {text}
    </time>
  );
}

/** `1.5 kB`: powers of 1000, as downloads are counted. */
export function sayBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  let size = bytes;
  for (; size >= 1000 && at < units.length - 1; at++) size /= 1000;
  return `${at === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[at]}`;
}

/** `340 ms`, `1.2 s`, `2 min 5 s`. */
export function sayDuration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** `1 file`, `3 files`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}
