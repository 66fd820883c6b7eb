import { equal, throws } from "node:assert/strict";
import { findHandler, type Handler } from "./load.ts";

const info = {} as Deno.ServeHandlerInfo;
const request = new Request("http://localhost/");
const one: Handler = () => new Response("one");
const two: Handler = () => new Response("two");

Deno.test("the only export is the handler, else the default one", () => {
  equal(findHandler({ anything: one }, ["anything"]), one);
  equal(findHandler({ a: one, default: two }, ["a", "default"]), two);
});

Deno.test("an object with fetch is called as its own method, and may be changed later", async () => {
  const app = {
    word: "first",
    fetch(_request: Request) {
      return new Response(this.word);
    },
  };
  const handler = findHandler({ default: app }, ["default"]);
  app.word = "second";
  equal(await (await handler(request, info)).text(), "second");
});

Deno.test("what is no handler is named in a sentence", () => {
  throws(() => findHandler({}, []), /exports nothing/);
  throws(() => findHandler({ a: one, b: two }, ["a", "b"]), /none of them is the default/);
  throws(() => findHandler({ default: null }, ["default"]), /"default" is null/);
  throws(() => findHandler({ n: 1 }, ["n"]), /"n" is a number/);
  throws(() => findHandler({ o: { fetch: 1 } }, ["o"]), /"o" is an object without a fetch method/);
});
