import { RotateCcw } from "lucide-react";
import { useEffect, useState } from "react";
import { Exchange } from "../../request/exchange.ts";
import { StreamView } from "../../stream/stream-view.tsx";
import { Button } from "../../ui/button.tsx";

/** It never ends by itself; nobody looks at it for longer. */
const LONGEST_MS = 30_000;

/** A call of the example's that lasts while it is seen. */
export function LiveExchange({
  fileId,
  isSeen,
  onAgain,
}: {
  fileId: string;
  isSeen: boolean;
  onAgain: () => void;
}) {
  const [exchange, setExchange] = useState<Exchange>();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    if (!isSeen || isOver) return;
    const made = new Exchange(fileId, { method: "GET", path: "/", headers: [], body: undefined });
    setExchange(made);
    setOver(false);
    const timer = setTimeout(() => {
      made.cancel();
      setOver(true);
    }, LONGEST_MS);
    return () => {
      clearTimeout(timer);
      made.cancel();
    };
  }, [fileId, isSeen, isOver]);
  if (exchange === undefined) return null;
  return (
    <>
      <StreamView recording={exchange.recording} />
      {isOver && (
        <Button small className="front-again" icon={<RotateCcw size={14} aria-hidden />} onClick={onAgain}>
          Again
        </Button>
      )}
    </>
  );
}
