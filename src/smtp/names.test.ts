import { expect, test } from "bun:test";
import { rememberNames } from "./names.ts";

function setUp() {
  const asked: string[] = [];
  const clock = { now: 0 };
  const names = rememberNames(
    async (name, type) => {
      asked.push(`${type} ${name}`);
      if (name === "long.example") return ["x".repeat(5000)];
      const code = { "no.example": "ENOTFOUND", "broken.example": "ETIMEOUT" }[name];
      if (code !== undefined) throw Object.assign(new Error(code), { code });
      return [name];
    },
    () => clock.now,
  );
  const ask = (name: string, type = "TXT") => names(name, type).catch(({ code }) => code);
  return { ask, asked, clock };
}

test("a name is asked for once a minute, also while the answer is still to come, whatever the answer is", async () => {
  const { ask, asked, clock } = setUp();
  for (const name of ["a.example", "no.example"]) {
    const answers = await Promise.all([ask(name), ask(name.toUpperCase())]);
    expect(answers[1]).toEqual(answers[0]);
  }
  await ask("a.example", "MX");
  clock.now += 59_999;
  expect([await ask("a.example"), await ask("no.example")]).toEqual([["a.example"], "ENOTFOUND"]);
  expect(asked).toEqual(["TXT a.example", "TXT no.example", "MX a.example"]);
  clock.now += 1;
  await ask("a.example");
  expect(asked).toHaveLength(4);
});

test("what fails is asked again after ten seconds, and a long answer each time", async () => {
  const { ask, asked, clock } = setUp();
  for (const name of ["broken.example", "broken.example", "long.example", "long.example"]) await ask(name);
  expect(asked).toEqual(["TXT broken.example", "TXT long.example", "TXT long.example"]);
  clock.now += 10_000;
  expect(await ask("broken.example")).toBe("ETIMEOUT");
  expect(asked).toHaveLength(4);
});

test("beyond two thousand names the oldest is forgotten", async () => {
  const { ask, asked } = setUp();
  for (let i = 0; i <= 2000; i++) await ask(`${i}.example`);
  await ask("2000.example");
  expect(asked).toHaveLength(2001);
  await ask("0.example");
  expect(asked).toHaveLength(2002);
});
