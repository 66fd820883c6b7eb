/** Writes the guest's side of the control channel: lines of `${nonce} ${json}` on stdout. */

import type { LogLevel, Outcome } from "../wire/control.ts";
import { dateNow, now, print, slice, startTimer, stringify } from "./intrinsics.ts";

/** Longest text of one log report; escaped as JSON it stays below the channel's longest line. */
const MAX_TEXT = 32 * 1024;
/** Name and message of an error that is reported with its stack. */
const MAX_NAME = 256;
const MAX_MESSAGE = 4 * 1024;
// The first lines of a burst leave at once, so that an endless loop after them cannot hold them back; then they are
// gathered, so that a thousand lines in one tick are not a thousand system calls.
const BURST_MS = 50;
const BURST_LINES = 100;
const GATHER_CHARS = 4096;
const GATHER_MS = 5;

export interface Reporter {
  ready(): void;
  loaded(): void;
  failed(message: string): void;
  pong(id: number): void;
  ended(trace: string, outcome: Outcome): void;
  background(busy: boolean): void;
  log(level: LogLevel, text: string, trace: string): void;
  /** Write what is held, and from now on hold nothing: the process is about to end. */
  finish(): void;
}

/** Reports go out under `nonce`; beyond `logLines` or `logBytes` a second, logs are only counted. */
export function createReporter(nonce: string, logLines: number, logBytes: number): Reporter {
  let held = "";
  let flushing = false;
  let finished = false;
  let burstStart = 0;
  let burst = 0;
  let secondStart = 0;
  let lines = 0;
  let bytes = 0;
  let dropped = 0;

  const flush = () => {
    if (held === "") return;
    const text = held;
    held = "";
    try {
      print(text, false);
    } catch {
      // The host is gone: nobody is left to tell.
    }
  };

  const send = (json: string) => {
    held += `${nonce} ${json}\n`;
    flush();
  };

  const write = (level: LogLevel, text: string, trace: string, at: number) => {
    held += `${nonce} {"kind":"log","level":"${level}","time":${dateNow()},"trace":${stringify(trace)},"text":${stringify(text)}}\n`;
    if (at - burstStart >= BURST_MS) {
      burstStart = at;
      burst = 0;
    }
    burst++;
    if (finished || burst <= BURST_LINES || held.length >= GATHER_CHARS) return flush();
    if (flushing) return;
    flushing = true;
    startTimer(() => {
      flushing = false;
      flush();
    }, GATHER_MS);
  };

  const endSecond = () => {
    secondStart = now();
    lines = 0;
    bytes = 0;
    if (dropped === 0) return;
    const sentence = `${dropped} lines dropped: a val may log ${logLines} lines and ${logBytes} characters a second`;
    dropped = 0;
    write("warn", sentence, "", secondStart);
  };

  return {
    ready: () => send('{"kind":"ready"}'),
    loaded: () => send('{"kind":"loaded"}'),
    failed: (message) => send(`{"kind":"failed","message":${stringify(cut(message))}}`),
    pong: (id) => send(`{"kind":"pong","id":${id}}`),
    ended: (trace, outcome) =>
      send(`{"kind":"ended","trace":${stringify(trace)},"outcome":${outcomeJson(outcome)}}`),
    background: (busy) => send(`{"kind":"background","busy":${busy}}`),
    log(level, text, trace) {
      const at = now();
      if (at - secondStart >= 1000) endSecond();
      const shown = cut(text);
      if (lines >= logLines || bytes + shown.length > logBytes) {
        if (dropped++ === 0) startTimer(() => dropped > 0 && endSecond(), 1000 - (at - secondStart));
        return;
      }
      lines++;
      bytes += shown.length;
      write(level, shown, trace, at);
    },
    finish() {
      finished = true;
      if (dropped > 0) endSecond();
      flush();
    },
  };
}

/** Field by field: JSON.stringify would ask an object for a `toJSON`, which the val may have put there. */
function outcomeJson(outcome: Outcome): string {
  if (outcome.ok)
    return outcome.value === undefined
      ? '{"ok":true}'
      : `{"ok":true,"value":${stringify(cut(outcome.value))}}`;
  const { name, message, stack } = outcome.error;
  return `{"ok":false,"error":{"name":${stringify(cut(name, MAX_NAME))},"message":${stringify(cut(message, MAX_MESSAGE))},"stack":${stringify(cut(stack, MAX_TEXT / 2))}}}`;
}

function cut(text: string, most = MAX_TEXT): string {
  const more = text.length - most;
  return more > 0 ? `${slice(text, 0, most)}… (${more} more characters)` : text;
}
