import { expect, test } from "bun:test";
import { type FileEvent, type FileState, isDirty, nextState, openFile } from "./file-state.ts";

const A = { text: "a", etag: '"1"' };
const B = { text: "b", etag: '"2"' };
const open = (draft?: { text: string; base: string; at: number }) => openFile(A, draft, (text) => `#${text}`);
const after = (state: FileState, ...events: FileEvent[]) => events.reduce(nextState, state);

test("a file is as it was saved, and a draft goes on where it was left", () => {
  expect(open()).toEqual({ text: "a", base: A });
  expect(open({ text: "a", base: "#x", at: 1 })).toEqual({ text: "a", base: A });
  expect(open({ text: "mine", base: "#a", at: 1 })).toEqual({ text: "mine", base: A, restoredAt: 1 });
});

test("a draft of what is no longer saved meets the newer text", () => {
  const state = open({ text: "mine", base: "#old", at: 1 });
  expect(state).toMatchObject({ text: "mine", newer: A });
  expect(isDirty(state)).toBe(true);
  expect(after(state, { kind: "reverted" })).toEqual({ text: "a", base: A });
});

test("what is typed while a save is on its way is still unsaved after it", () => {
  const saving = after(open(), { kind: "typed", text: "ab" }, { kind: "saving", text: "ab" });
  const saved = after(saving, { kind: "typed", text: "abc" }, { kind: "saved", etag: '"3"', version: 4 });
  expect(saved).toEqual({ text: "abc", base: { text: "ab", etag: '"3"' }, version: 4 });
  expect(isDirty(saved)).toBe(true);
});

test("what another has saved replaces a clean text, and stands beside a changed one", () => {
  expect(after(open(), { kind: "seen", saved: B })).toMatchObject({ text: "b", base: B });
  const changed = after(open(), { kind: "typed", text: "c" });
  expect(after(changed, { kind: "seen", saved: B })).toMatchObject({ text: "c", base: A, newer: B });
  expect(after(changed, { kind: "seen", saved: { ...B, text: "c" } })).toMatchObject({ newer: undefined });
  const renamed = after(changed, { kind: "seen", saved: { text: "a", etag: '"9"' } });
  expect(renamed).toMatchObject({ text: "c", base: { etag: '"9"' }, newer: undefined });
});

test("a save that failed says why, and leaves what was typed", () => {
  const saving = after(open(), { kind: "typed", text: "b" }, { kind: "saving", text: "b" });
  const failed = after(saving, { kind: "failed", problem: "Offline." });
  expect(failed).toEqual({ text: "b", base: A, problem: "Offline.", saving: undefined });
});
