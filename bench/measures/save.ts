import { join } from "node:path";
import { answer, pause } from "../client.ts";
import { ROOT } from "../contestants/folder.ts";
import { eachAlone } from "../rounds.ts";
import { Samples } from "../statistics.ts";
import type { Bench, Measure, Row } from "../types.ts";

const SAVES = 20;

/** From sending a changed file to the end of the first answer that shows the change. */
export const save: Measure = { name: "save", run };

async function run(bench: Bench): Promise<Row[]> {
  const acknowledged = new Samples();
  const visible = new Samples();
  await eachAlone(bench, ["hamlet"], { hello: join(ROOT, "examples/hello") }, async (name, running) => {
    await answer(running.port, running.host("hello"));
    for (let turn = 0; turn < SAVES; turn++) {
      await pause(300);
      const word = `turn ${turn}.`;
      const start = performance.now();
      await running.save!("hello", `export default () => new Response(${JSON.stringify(word)});\n`);
      acknowledged.add(name, performance.now() - start);
      while (!(await answer(running.port, running.host("hello"))).body.includes(word));
      visible.add(name, performance.now() - start);
    }
  });
  return [
    acknowledged.toRow({ title: "save → acknowledged", unit: "ms", better: "less" }),
    visible.toRow({ title: "save → first new answer", unit: "ms", better: "less" }),
  ];
}
