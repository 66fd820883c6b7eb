/** One of the examples, running: what a val is, seen. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { query } from "../../client/queries.ts";
import { Button } from "../../ui/button.tsx";

/** It comes with the first start, as a val of the operator's: nobody else's stream is shown here. */
const OWNER = "me";
const NAME = "robPikeIO";
const FILE = "main.ts";

const LiveExchange = lazy(async () => ({ default: (await import("./live-exchange.tsx")).LiveExchange }));

/** The stream, if the example is there; else what such a val looks like. */
export function LiveStream() {
  const val = useQuery({
    ...query("getValByName", { params: { username: OWNER, val_name: NAME } }),
    retry: false,
  });
  const id = val.data?.privacy === "public" ? val.data.id : undefined;
  const files = useQuery({
    ...query("listFiles", { params: { val_id: id ?? "" }, query: { path: FILE } }),
    enabled: id !== undefined,
    retry: false,
  });
  const file = files.data?.data[0];
  const isThere = file?.type === "http";
  const isMissing = val.error || files.error || (files.data && !isThere) || (val.data && id === undefined);
  return (
    <figure className="front-live card">
      {isMissing ? <Sample /> : isThere ? <Stage fileId={file.id} /> : null}
    </figure>
  );
}

const isCalm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Plays while it can be seen, unless the person wants little to move. */
function Stage({ fileId }: { fileId: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const isSeen = useSeen(frame);
  const [wanted, setWanted] = useState(!isCalm());
  const [take, setTake] = useState(0);
  const play = () => {
    setWanted(true);
    setTake(take + 1);
  };
  return (
    <>
      <figcaption className="row apart">
        <span>
          <Link to="/x/$user/$val" params={{ user: OWNER, val: NAME }}>
            {OWNER}/{NAME}
          </Link>{" "}
          <span className="small quiet">each bar is a chunk, as it comes</span>
        </span>
      </figcaption>
      <div ref={frame} className="front-stage">
        {wanted ? (
          <Suspense>
            <LiveExchange key={take} fileId={fileId} isSeen={isSeen} onAgain={play} />
          </Suspense>
        ) : (
          <Button onClick={play} icon={<Play size={15} aria-hidden />}>
            Play the stream
          </Button>
        )}
      </div>
    </>
  );
}

/** Whether an element is in view of a person who looks at this page. */
function useSeen(ref: React.RefObject<Element | null>): boolean {
  const [inView, setInView] = useState(false);
  const [awake, setAwake] = useState(!document.hidden);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => setInView(entry?.isIntersecting ?? false));
    if (ref.current) observer.observe(ref.current);
    const look = () => setAwake(!document.hidden);
    document.addEventListener("visibilitychange", look);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", look);
    };
  }, [ref]);
  return inView && awake;
}

function Sample() {
  return (
    <>
      <figcaption className="small quiet">A whole val, live as soon as it is saved</figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <pre tabIndex={0}>{SAMPLE}</pre>
    </>
  );
}

const SAMPLE = `export default function words(): Response {
  const stream = ReadableStream.from(count());
  return new Response(stream.pipeThrough(new TextEncoderStream()));
}

async function* count() {
  for (let n = 1; n <= 10; n++) {
    yield \`\${n}\\n\`;
    await new Promise((done) => setTimeout(done, 500));
  }
}`;
