import { expect, test } from "bun:test";
import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { markStale } from "./stale.ts";

test("what was asked before a change is asked again after it, also when nothing has been answered yet", async () => {
  const queries = new QueryClient();
  const answers: ((text: string) => void)[] = [];
  const seen: unknown[] = [];
  const queryFn = () => new Promise<string>((done) => answers.push(done));
  const observer = new QueryObserver(queries, { queryKey: ["listBlobs", {}], queryFn });
  const stop = observer.subscribe(({ data }) => seen.push(data));
  const changed = markStale(queries, ["listBlobs"]);
  answers[0]!("before");
  await new Promise((done) => setTimeout(done));
  answers[1]?.("after");
  await changed;
  expect(observer.getCurrentResult().data).toBe("after");
  expect(seen).not.toContain("before");
  stop();
  queries.clear();
});
