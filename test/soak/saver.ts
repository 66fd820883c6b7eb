/** A client that saves to one val, one save after the other, and remembers what was acknowledged. */

import type { TestHamlet, TestVal } from "../support/server.ts";

const ENTRY = new URLSearchParams({ path: "main.http.ts" });
const saying = (text: string) => `export default () => new Response(${JSON.stringify(text)});`;

export class Saver {
  readonly val: TestVal;
  readonly #name: string;
  /** What the endpoint should say; the second one if the last save was not acknowledged. */
  #said: readonly string[];
  /** Files that were made; and one that may have been. */
  readonly #made = new Set<string>();
  #maybe: string | undefined;
  #saves = 0;
  acknowledged = 0;

  private constructor(name: string, val: TestVal, text: string) {
    this.#name = name;
    this.val = val;
    this.#said = [text];
  }

  static async create(hamlet: TestHamlet, name: string): Promise<Saver> {
    const text = `${name} 0`;
    return new Saver(name, await hamlet.val(name, saying(text)), text);
  }

  /** Saves until the server is gone; every third save makes a file, the others change the entry. */
  async saveUntilGone(hamlet: TestHamlet): Promise<void> {
    while (await this.save(hamlet));
  }

  /** @returns whether it was acknowledged; throws when it was answered with anything else */
  async save(hamlet: TestHamlet): Promise<boolean> {
    const n = ++this.#saves;
    const done = n % 3 === 0 ? await this.#add(hamlet, `file${n}.ts`) : await this.#change(hamlet, n);
    if (done) this.acknowledged++;
    return done;
  }

  /** What of it is lost or wrong, each as a sentence; waits for the newest version to be built. */
  async check(hamlet: TestHamlet): Promise<string[]> {
    const stored = await this.#stored(hamlet);
    const text = this.#said.find((one) => saying(one) === stored);
    if (text === undefined)
      return [`${this.#name}: ${stored} is stored, not one of ${this.#said.join(", ")}`];
    this.#said = [text];
    const problems = await this.#checkFiles(hamlet);
    const answer = await this.#answerOf(hamlet, text);
    if (answer !== text) problems.push(`${this.#name}: ${text} was saved, but ${answer} is answered`);
    return problems;
  }

  async #change(hamlet: TestHamlet, n: number): Promise<boolean> {
    const text = `${this.#name} ${n}`;
    this.#said = [this.#said[0]!, text];
    const url = `/v2/vals/${this.val.id}/files?${ENTRY}`;
    const done = await send(hamlet, url, { method: "PUT", json: { content: saying(text) } }, 200);
    if (done) this.#said = [text];
    return done;
  }

  async #add(hamlet: TestHamlet, path: string): Promise<boolean> {
    this.#maybe = path;
    const url = `/v2/vals/${this.val.id}/files?${new URLSearchParams({ path })}`;
    const done = await send(hamlet, url, { json: { type: "script", content: `// ${path}` } }, 201);
    if (done) this.#made.add(path);
    return done;
  }

  async #stored(hamlet: TestHamlet): Promise<string> {
    return (await hamlet.api(`/v2/vals/${this.val.id}/files/content?${ENTRY}`)).text();
  }

  async #checkFiles(hamlet: TestHamlet): Promise<string[]> {
    const there = new Set<string>();
    for (let offset = 0; ; offset += 100) {
      const query = new URLSearchParams({
        path: "",
        recursive: "true",
        limit: "100",
        offset: String(offset),
      });
      const answer = await hamlet.api(`/v2/vals/${this.val.id}/files?${query}`);
      const { data } = (await answer.json()) as { data: { path: string }[] };
      for (const { path } of data) there.add(path);
      if (data.length < 100) break;
    }
    const lost = [...this.#made].filter((path) => !there.has(path));
    const strange = [...there].filter(
      (path) => path !== "main.http.ts" && path !== this.#maybe && !this.#made.has(path),
    );
    if (this.#maybe !== undefined && there.has(this.#maybe)) this.#made.add(this.#maybe);
    return [
      ...lost.map((path) => `${this.#name}: ${path} was acknowledged and is lost`),
      ...strange.map((path) => `${this.#name}: ${path} is there, but was never saved`),
    ];
  }

  /** The version before it may answer until the newest one is built. */
  async #answerOf(hamlet: TestHamlet, wanted: string): Promise<string> {
    for (const deadline = Date.now() + 20_000; ; await Bun.sleep(50)) {
      const answer = await (await hamlet.fetch(this.val)).text();
      if (answer === wanted || Date.now() > deadline) return answer;
    }
  }
}

/** False when the connection broke before an answer. */
async function send(
  hamlet: TestHamlet,
  url: string,
  init: Parameters<TestHamlet["api"]>[1],
  status: number,
): Promise<boolean> {
  const answer = await hamlet.api(url, init).catch(() => undefined);
  if (answer === undefined) return false;
  const text = await answer.text().catch(() => "");
  if (answer.status !== status) throw new Error(`A save was answered ${answer.status}: ${text}`);
  return true;
}
