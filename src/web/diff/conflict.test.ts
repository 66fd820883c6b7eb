import { expect, test } from "bun:test";
import { mergeText } from "../../val/merge-text.ts";
import { type Choice, findConflicts, resolutionOf } from "./conflict.ts";

function resolveAll(text: string, choice: Choice): string {
  let resolved = text;
  for (let [first] = findConflicts(resolved); first !== undefined; [first] = findConflicts(resolved)) {
    resolved =
      resolved.slice(0, first.from) + resolutionOf(resolved, first, choice) + resolved.slice(first.to);
  }
  return resolved;
}

const [base, ours, theirs] = ["1\na\n2\n3\nb\n4\n", "1\nA\n2\n3\nB\n4\n", "1\naa\n2\n3\nbb\n4\n"];

test("each conflict of a merge is found, and becomes what either side has, or both", () => {
  for (const end of ["\n", "\r\n"]) {
    const [old, own, other] = [base, ours, theirs].map((text) => text!.replaceAll("\n", end));
    const { text } = mergeText(old!, own!, other!, { ours: "dev", theirs: "main" });
    const found = findConflicts(text);
    expect(found.map((one) => [one.theirs.label, one.ours.label])).toEqual([
      ["main", "dev"],
      ["main", "dev"],
    ]);
    expect(resolveAll(text, "ours")).toBe(own!);
    expect(resolveAll(text, "theirs")).toBe(other!);
    expect(resolveAll(text, "both")).toBe("1\naa\nA\n2\n3\nbb\nB\n4\n".replaceAll("\n", end));
  }
});

test("a conflict at the end of a text without a line end, and one with an empty side, are found", () => {
  const { text } = mergeText("a", "b", "c", { ours: "dev", theirs: "main" });
  expect(findConflicts(text)).toMatchObject([{ from: 0, to: text.length }]);
  const gone = mergeText("a\n", "", "A\n", { ours: "dev", theirs: "main" });
  expect(resolveAll(gone.text, "ours")).toBe("");
  expect(resolveAll(gone.text, "theirs")).toBe("A\n");
});

test("lines that look like markers, but do not belong together, are left alone", () => {
  expect(findConflicts("=======\n>>>>>>> dev\n")).toEqual([]);
  expect(findConflicts("<<<<<<< main\na\n>>>>>>> dev\n")).toEqual([]);
  expect(findConflicts("Title\n=======\n")).toEqual([]);
  expect(findConflicts("<<<<<<< main\n<<<<<<< main\na\n=======\nb\n>>>>>>> dev\n")).toHaveLength(1);
});
