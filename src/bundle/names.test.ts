import { expect, test } from "bun:test";
import { keepClassNames, keepNames } from "./names.ts";

const namesIn = (code: string) => [...code.matchAll(/keep_name\(([\w$]+),/g)].map((match) => match[1]);

test("functions, classes and what is assigned one are looked at", () => {
  const source = `
export default class A<T> extends B {}
export abstract class C implements D {}
export async function e() {}
function* f() {}
export const g = async () => 1;
const h = (x) => x, i = 1;
let j = class {};
  var k = x => x;
export default class extends A {}
export default function () {}
const enum L { A }
const m = 1;
type N = () => void;`;
  expect(namesIn(keepNames(source))).toEqual(["A", "C", "e", "f", "g", "h", "j", "k"]);
});

test("of a package only classes that mention themselves are", () => {
  const source = `
class A { static make() { return new A(); } }
export class B {}
export default class extends A {}
class extends_ extends A {}
class $C { static $C = $C; }`;
  expect(namesIn(keepClassNames(source))).toEqual(["A", "$C"]);
});

test("words of a text are no names", () => {
  const text = "export default `\nfunction in (x) {}\nclass with {}\nfunction return () {}\n`;";
  expect(keepNames(text)).toBe("");
  expect(keepNames("export default 1;")).toBe("");
});
