/** What came, shown in each of the ways that there are. */

import { useEffect, useMemo, useState } from "react";
import { sayBytes, sayDuration } from "../ui/small.tsx";
import type { BodyText } from "./body-text.ts";
import type { Bytes } from "./bytes.ts";
import { HEX_ROW, hexRow } from "./hex.ts";
import { Lines } from "./lines.ts";
import type { Recording } from "./recording.ts";
import { Rows } from "./rows.tsx";
import type { SentEvent } from "./sse.ts";

/** Beyond it a list would be taller than a browser can scroll. */
const MAX_HEX = 8 * 1024 * 1024;

/** Text as it grows. */
export function TextView({
  lines,
  label = "Text of the answer",
  follow = false,
}: {
  lines: Lines;
  label?: string;
  follow?: boolean;
}) {
  const { rows } = lines;
  return (
    <Rows
      count={rows.length}
      label={label}
      follow={follow}
      className="stream-text"
      row={(at) => rows[at] || "\u200b"}
    />
  );
}

/** JSON with a line for each of its parts. */
export function JsonView({ bytes, text }: { bytes: Bytes; text: BodyText }) {
  const lines = useMemo(() => {
    const pretty = new Lines();
    try {
      pretty.push(JSON.stringify(JSON.parse(new TextDecoder().decode(bytes.slice(0, bytes.kept))), null, 2));
      return pretty;
    } catch {
      return undefined;
    }
  }, [bytes]);
  if (lines !== undefined) return <TextView lines={lines} label="JSON of the answer" />;
  return (
    <>
      <p className="stream-note bad small">It says that it is JSON, but is not.</p>
      <TextView lines={text.lines} />
    </>
  );
}

/** Server-sent events, each as a row. */
export function EventsView({ events, follow }: { events: readonly SentEvent[]; follow: boolean }) {
  if (events.length === 0) return <p className="stream-note quiet small">No event yet.</p>;
  return (
    <Rows
      {...{ count: events.length, label: "Server-sent events", follow, height: 25 }}
      className="stream-events"
      names={["Time", "Since", "Event", "Id", "Data"]}
      row={(at) => <EventRow event={events[at]!} before={events[at - 1]} />}
    />
  );
}

function EventRow({ event, before }: { event: SentEvent; before: SentEvent | undefined }) {
  const { atMs, event: name, id, data, comment, retry } = event;
  return (
    <>
      <td>{sayDuration(atMs)}</td>
      <td className="quiet">{before === undefined ? "" : `+${sayDuration(atMs - before.atMs)}`}</td>
      <td className={comment ? "quiet" : "stream-event-name"}>{comment ? "comment" : name}</td>
      <td className="quiet">{comment ? "" : id}</td>
      <td className={comment ? "stream-data quiet" : "stream-data"}>
        {data}
        {retry !== undefined && <span className="quiet"> retry: {retry} ms</span>}
      </td>
    </>
  );
}

/** The bytes themselves. */
export function HexView({ bytes, follow }: { bytes: Bytes; follow: boolean }) {
  const shown = Math.min(bytes.kept, MAX_HEX);
  return (
    <>
      <Rows
        {...{ count: Math.ceil(shown / HEX_ROW), label: "Bytes of the answer", follow }}
        className="stream-hex"
        row={(at) => {
          const from = at * HEX_ROW;
          const { at: offset, hex, text } = hexRow(from, bytes.slice(from, Math.min(from + HEX_ROW, shown)));
          return (
            <>
              <span className="quiet">{offset}</span>
              {`  ${hex}  `}
              <span className="quiet">{text}</span>
            </>
          );
        }}
      />
      {bytes.kept > shown && (
        <p className="stream-note quiet small">The first {sayBytes(shown)}. Download it to see the rest.</p>
      )}
    </>
  );
}

/** Each chunk of the answer: the picture's table. */
export function ChunksView({
  recording: { response },
  textOf,
  follow = false,
}: {
  recording: Recording;
  textOf?: ((chunk: number) => string) | undefined;
  follow?: boolean;
}) {
  if (response.length === 0) return <p className="stream-note quiet small">No chunk yet.</p>;
  return (
    <Rows
      {...{ count: response.length, label: "Chunks of the answer", follow, height: 25 }}
      className={textOf ? "stream-chunks" : "stream-bare"}
      names={["Chunk", "Time", "Since", "Size", ...(textOf ? ["Begins with"] : [])]}
      row={(at) => {
        const [ms, bytes] = response[at]!;
        return (
          <>
            <td className="quiet">{at + 1}</td>
            <td>{sayDuration(ms)}</td>
            <td className="quiet">{at === 0 ? "" : `+${sayDuration(ms - response[at - 1]![0])}`}</td>
            <td>{sayBytes(bytes)}</td>
            {textOf && <td className="stream-data mono cut">{textOf(at)}</td>}
          </>
        );
      }}
    />
  );
}

/** A picture, as the browser shows it. */
export function ImageView({ bytes, contentType }: { bytes: Bytes; contentType: string }) {
  const [url, setUrl] = useState<string>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const made = URL.createObjectURL(bytes.blob(contentType));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes, contentType]);
  if (failed) return <p className="stream-note bad small">It says that it is a picture, but is not.</p>;
  return (
    <div className="stream-image">
      {url && <img src={url} alt="What the endpoint answered" onError={() => setFailed(true)} />}
    </div>
  );
}
