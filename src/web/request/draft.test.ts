import { expect, test } from "bun:test";
import { toCurl } from "./curl.ts";
import { type Draft, FRESH, toPath, toWanted, wrongWith } from "./draft.ts";

const draft = (more: Partial<Draft>): Draft => ({ ...FRESH, ...more });

test("a path may be typed as people write it, and stays on the endpoint's host", () => {
  expect(["", "a b?q=ü", "/x/../y", "//evil.example/", "/a#b"].map(toPath)).toEqual([
    ...["/", "/a%20b?q=%C3%BC", "/y", "//evil.example/", "/a"],
  ]);
});

test("what cannot be sent says what to mend", () => {
  expect(wrongWith(draft({ headers: [["a b", "1"]] }), undefined)).toContain('"a b"');
  expect(wrongWith(draft({ headers: [["a", "x\ny"]] }), undefined)).toContain("value of a");
  expect(wrongWith(draft({ method: "POST", kind: "json", text: "{" }), undefined)).toContain("no JSON");
  expect(wrongWith(draft({ method: "POST", kind: "file" }), undefined)).toContain("Choose a file");
  expect(wrongWith(draft({ method: "GET", kind: "json", text: "{" }), undefined)).toBeUndefined();
  expect(wrongWith(draft({ headers: [["", ""]] }), undefined)).toBeUndefined();
});

test("a body brings its type, unless one was written", async () => {
  const json = draft({ method: "POST", kind: "json", text: '{"a":1}', headers: [["X-A", "1"]] });
  const { headers, body } = toWanted(json, undefined);
  expect(headers.map(([name]) => name)).toEqual(["X-A", "content-type", "accept", "user-agent"]);
  expect(headers[1]![1]).toStartWith("application/json");
  expect(await body!.text()).toBe('{"a":1}');
  const typed = toWanted({ ...json, headers: [["Content-Type", "text/x"]] }, undefined);
  expect(typed.headers.filter(([name]) => name.toLowerCase() === "content-type")).toEqual([
    ["Content-Type", "text/x"],
  ]);
  const form = draft({
    method: "PUT",
    kind: "form",
    form: [
      ["a", "1 2"],
      ["", "x"],
      ["b", "&"],
    ],
  });
  expect(await toWanted(form, undefined).body!.text()).toBe("a=1+2&b=%26");
  expect(toWanted(draft({ method: "HEAD", kind: "text", text: "x" }), undefined).body).toBeUndefined();
});

test("as a command line it is the same request, whatever it is made of", async () => {
  const hostile = 'it\'s $(touch /tmp/x) `id` \\ "q" ü';
  const one = draft({
    method: "POST",
    path: "/a b",
    headers: [["x-a", hostile]],
    kind: "text",
    text: hostile,
  });
  const line = toCurl("http://ann-x.web.localhost:3000", one).replace(/^curl /, "");
  const shell = Bun.spawnSync(["sh", "-c", `for one in "$@"; do :; done; printf '%s\\n' ${line}`]);
  const words = shell.stdout.toString().split("\n");
  expect(words).toContain("http://ann-x.web.localhost:3000/a%20b");
  expect(words).toContain(`x-a: ${hostile}`);
  expect(words.slice(words.indexOf("--data-raw")).join("\n")).toBe(`--data-raw\n${hostile}\n`);
});
