// Run by Deno: the calls of vals/store against the server whose URL is the argument; prints the figures as JSON.
// @ts-expect-error Deno resolves it; TypeScript, as it checks the bench, does not.
import { createClient } from "npm:@libsql/client@0.18.0/web";
import { measureSqlite } from "../vals/store/sqlite.ts";

declare const Deno: { args: string[] };

const [url, count] = Deno.args;
const result = await measureSqlite(createClient({ url: url! }) as never, Number(count));
console.log(JSON.stringify(result));
