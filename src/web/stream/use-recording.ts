import { useEffect, useReducer } from "react";
import type { Recording } from "./recording.ts";

const now = () => performance.timeOrigin + performance.now();
/** What is open moves on though nothing comes. */
const MOVE_MS = 100;

/** Renders again while a recording grows, at most once a frame; returns the time that it is. */
export function useRecording(recording: Recording): number {
  const [at, move] = useReducer(now, undefined, now);
  useEffect(() => {
    let frame = 0;
    const changed = () => {
      if (frame !== 0) return;
      frame = requestAnimationFrame(() => {
        frame = 0;
        move();
      });
    };
    const stop = recording.follow?.(changed);
    const timer = setInterval(() => {
      if (recording.end === "open") changed();
    }, MOVE_MS);
    changed();
    return () => {
      stop?.();
      clearInterval(timer);
      cancelAnimationFrame(frame);
    };
  }, [recording]);
  return at;
}
