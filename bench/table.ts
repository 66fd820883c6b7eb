import { CONTESTANTS, type ContestantName, type Row } from "./types.ts";

const HEADINGS: Record<ContestantName, string> = {
  hamlet: "Hamlet",
  direct: "Deno.serve alone",
  dhw: "deno-http-worker",
  "dhw-fast": "same, `next` options",
  workerd: "workerd",
};

/** A Markdown table; the last two columns say how many times better Hamlet is (or worse, below 1). */
export function toTable(rows: readonly Row[]): string {
  const lines = [
    ["", "", ...CONTESTANTS.map((name) => HEADINGS[name]), "× deno-http-worker", "× workerd"],
    ["---", "---", ...CONTESTANTS.map(() => "---:"), "---:", "---:"],
    ...rows.map(toCells),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) => `| ${line.map((cell, column) => pad(cell, widths[column]!, column)).join(" | ")} |`)
    .join("\n");
}

function toCells(row: Row): string[] {
  const figures = CONTESTANTS.map((name) => format(row.values[name], row.digits));
  return [row.title, row.unit, ...figures, times(row, "dhw"), times(row, "workerd")];
}

function times(row: Row, other: ContestantName): string {
  const ours = row.values.hamlet;
  const theirs = row.values[other];
  if (!ours || !theirs) return "–";
  return (row.better === "more" ? ours / theirs : theirs / ours).toFixed(1);
}

function format(value: number | undefined, digits: number): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function pad(cell: string, width: number, column: number): string {
  if (cell.startsWith("---")) return cell.endsWith(":") ? `${"-".repeat(width - 1)}:` : "-".repeat(width);
  return column < 2 ? cell.padEnd(width) : cell.padStart(width);
}
