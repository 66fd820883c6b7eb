// The same calls of the same client, whatever server answers them.

interface Client {
  execute(statement: string | { sql: string; args: unknown[] }): Promise<unknown>;
  batch(statements: { sql: string; args: unknown[] }[], mode: "write"): Promise<unknown>;
}

/** Milliseconds of each of `count` calls, one after the other. */
export async function time(count: number, call: (n: number) => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    await call(n);
    samples.push(performance.now() - start);
  }
  return samples;
}

export async function measureSqlite(client: Client, count: number) {
  await client.execute("create table if not exists bench (id integer primary key, text text)");
  await client.execute("delete from bench");
  await time(20, () => client.execute("select 1"));
  return {
    select: await time(count, () => client.execute("select 1")),
    insert: await time(count, (n) =>
      client.execute({ sql: "insert into bench (text) values (?)", args: [`text ${n}`] }),
    ),
    batch: await time(Math.ceil(count / 10), (n) =>
      client.batch(
        Array.from({ length: 100 }, (_, m) => ({
          sql: "insert into bench (text) values (?)",
          args: [`text ${n} ${m}`],
        })),
        "write",
      ),
    ),
  };
}
