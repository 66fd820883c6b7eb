import { X } from "lucide-react";
import { useId } from "react";
import { IconButton } from "../ui/button.tsx";
import type { Pair } from "./draft.ts";

/** Names with values, one a row; there is always an empty one at the end. */
export function Pairs({
  pairs,
  onChange,
  one,
  suggest = {},
}: {
  pairs: readonly Pair[];
  onChange: (pairs: readonly Pair[]) => void;
  /** What a row is, for screen readers: `Header`. */
  one: string;
  /** Names that are offered, each with values. */
  suggest?: Readonly<Record<string, readonly string[]>>;
}) {
  const id = useId();
  const rows = [...pairs, ["", ""] as const];
  const set = (at: number, pair: Pair) =>
    onChange(rows.with(at, pair).filter(([a, b], i) => a || b || i === at));
  const names = Object.keys(suggest);
  return (
    <div className="pairs">
      {rows.map(([name, value], at) => {
        const values = suggest[name.toLowerCase()];
        const label = `${one} ${at + 1}`;
        return (
          // A row is known by its place alone.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <div className="pairs-row" key={at}>
            <input
              className="input mono"
              {...{ value: name, placeholder: "Name", "aria-label": `${label}: name`, list: `${id}-names` }}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => set(at, [event.target.value, value])}
            />
            <input
              className="input mono"
              {...{ value, placeholder: "Value", "aria-label": `${label}: value` }}
              spellCheck={false}
              autoComplete="off"
              {...(values && { list: `${id}-values-${at}` })}
              onChange={(event) => set(at, [name, event.target.value])}
            />
            {values && <Options id={`${id}-values-${at}`} values={values} />}
            <IconButton
              label={`Remove ${label.toLowerCase()}`}
              small
              disabled={at === pairs.length}
              onClick={() => onChange(pairs.filter((_, i) => i !== at))}
            >
              <X size={15} />
            </IconButton>
          </div>
        );
      })}
      <Options id={`${id}-names`} values={names} />
    </div>
  );
}

const Options = ({ id, values }: { id: string; values: readonly string[] }) => (
  <datalist id={id}>
    {values.map((value) => (
      <option key={value} value={value} />
    ))}
  </datalist>
);

/** Headers that people send to endpoints. */
export const HEADERS: Readonly<Record<string, readonly string[]>> = {
  accept: ["application/json", "text/event-stream", "text/html", "text/plain", "*/*"],
  authorization: ["Bearer ", "Basic "],
  "content-type": [
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
  ],
  "accept-language": ["en", "de"],
  "accept-encoding": ["identity", "gzip"],
  "cache-control": ["no-cache"],
  cookie: [],
  "if-none-match": [],
  "last-event-id": [],
  origin: [],
  range: ["bytes=0-99"],
  referer: [],
  "user-agent": [],
  "x-requested-with": ["XMLHttpRequest"],
};
