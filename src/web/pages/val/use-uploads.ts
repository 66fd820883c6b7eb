import { useEffect, useRef, useState } from "react";
import { blobPath } from "./blob-path.ts";

/** A file on its way to the town. */
export interface Upload {
  readonly id: number;
  readonly key: string;
  readonly file: File;
  readonly state: "waiting" | "sending" | "done" | "failed" | "cancelled";
  readonly sent: number;
  readonly error?: string;
}

const AT_ONCE = 2;
let lastId = 0;

/** Sends files one after the other, few at once, and tells how far each is; `onDone` after each that is stored. */
export function useUploads(valId: string, onDone: () => void) {
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const requests = useRef(new Map<number, XMLHttpRequest>());
  const change = (id: number, more: Partial<Upload>) =>
    setUploads((all) => all.map((one) => (one.id === id ? { ...one, ...more } : one)));
  useEffect(() => {
    const mine = requests.current;
    return () => {
      for (const request of mine.values()) request.abort();
    };
  }, []);
  useEffect(() => {
    const free = AT_ONCE - requests.current.size;
    const next = uploads.filter(({ id, state }) => state === "waiting" && !requests.current.has(id));
    for (const upload of next.slice(0, Math.max(free, 0))) {
      const over = (more: Partial<Upload>) => {
        requests.current.delete(upload.id);
        change(upload.id, more);
        if (more.state === "done") onDone();
      };
      const told = (sent: number) => change(upload.id, { sent });
      requests.current.set(upload.id, send(blobPath(valId, upload.key), upload.file, { told, over }));
      change(upload.id, { state: "sending" });
    }
  });
  return {
    uploads,
    add: (files: readonly { key: string; file: File }[]) =>
      setUploads((all) => [
        ...all,
        ...files.map((one) => ({ ...one, id: ++lastId, state: "waiting" as const, sent: 0 })),
      ]),
    cancel: (id: number) => {
      const request = requests.current.get(id);
      if (request) request.abort();
      else change(id, { state: "cancelled" });
    },
    retry: (id: number) => change(id, { state: "waiting", sent: 0 }),
    clear: () => setUploads((all) => all.filter(({ state }) => state === "waiting" || state === "sending")),
  };
}

/** By XMLHttpRequest, which tells how much is sent: fetch does not. */
function send(
  path: string,
  file: File,
  { told, over }: { told: (sent: number) => void; over: (more: Partial<Upload>) => void },
): XMLHttpRequest {
  const request = new XMLHttpRequest();
  request.open("POST", path);
  request.setRequestHeader("content-type", "application/octet-stream");
  request.upload.onprogress = ({ loaded }) => told(loaded);
  request.onload = () =>
    request.status < 300
      ? over({ state: "done", sent: file.size })
      : over({ state: "failed", error: messageOf(request) });
  request.onerror = () => over({ state: "failed", error: "The town cannot be reached, or took no more." });
  request.onabort = () => over({ state: "cancelled" });
  request.send(file);
  return request;
}

function messageOf(request: XMLHttpRequest): string {
  try {
    return JSON.parse(request.responseText).message;
  } catch {
    return `The town answered ${request.status}.`;
  }
}
