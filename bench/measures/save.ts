import { readFileSync } from "node:fs";
import { join } from "node:path";
import { answer, pause } from "../client.ts";
import { eachAlone } from "../rounds.ts";
import { Samples } from "../statistics.ts";
import type { Bench, Measure, Row } from "../types.ts";
import { HEAVY, valFolder } from "./cold.ts";

const SAVES = 20;
const PAUSE_MS = 300;

/** From sending a changed file to the end of the first answer that shows the change; and how long builds take. */
export const save: Measure = { name: "save", run };

async function run(bench: Bench): Promise<Row[]> {
  return [...(await changes(bench, "hello")), ...(await changes(bench, "openai")), ...(await builds(bench))];
}

/** A change of the author's own code, with the packages as they were. */
async function changes(bench: Bench, example: string): Promise<Row[]> {
  const acknowledged = new Samples();
  const visible = new Samples();
  const folder = valFolder(example);
  const imports = readFileSync(join(folder, "main.ts"), "utf8").match(/^import .*$/gm) ?? [];
  await eachAlone(bench, ["hamlet"], { val: folder }, async (name, running) => {
    await answer(running.port, running.host("val"));
    for (let turn = 0; turn < SAVES; turn++) {
      await pause(PAUSE_MS);
      const word = `turn ${turn}.`;
      const used = imports.map((line) => /^import (?:\{ )?(\w+)/.exec(line)?.[1]);
      const body = `export default () => new Response([${used}].length + ${JSON.stringify(word)});`;
      const source = [...imports, body, ""].join("\n");
      const start = performance.now();
      await running.save!("val", source);
      acknowledged.add(name, performance.now() - start);
      while (!(await answer(running.port, running.host("val"))).body.includes(word));
      visible.add(name, performance.now() - start);
    }
  });
  return [
    acknowledged.toRow({ title: `save ${example} → acknowledged`, unit: "ms", better: "less" }),
    visible.toRow({ title: `save ${example} → first new answer`, unit: "ms", better: "less" }),
  ];
}

/** A new val, its packages not known to this town before and then known; then the same content as another val. */
async function builds(bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const val of HEAVY) {
    const samples = { first: new Samples(), changed: new Samples(), same: new Samples() };
    await eachAlone(bench, ["hamlet"], { hello: valFolder("hello") }, async (name, running) => {
      const timed = async (kind: keyof typeof samples, work: () => Promise<void>) => {
        await pause(PAUSE_MS);
        const start = performance.now();
        await work();
        samples[kind].add(name, performance.now() - start);
      };
      const source = readFileSync(join(valFolder(val), "main.ts"), "utf8");
      await timed("first", () => running.create!(`${val}0`, valFolder(val)));
      for (let turn = 0; turn < bench.rounds; turn++) {
        await timed("changed", () =>
          running.save!(`${val}0`, `${source}// ${turn}\nexport const n = ${turn};\n`),
        );
        await timed("same", () => running.create!(`${val}${turn + 1}`, valFolder(val)));
      }
    });
    const row = { unit: "ms", better: "less", digits: 0 } as const;
    rows.push(samples.first.toRow({ ...row, title: `build ${val}, packages fetched` }));
    rows.push(samples.changed.toRow({ ...row, title: `build ${val}, packages there` }));
    rows.push(samples.same.toRow({ ...row, title: `build ${val}, content there` }));
  }
  return rows;
}
