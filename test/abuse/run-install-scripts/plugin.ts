Deno.writeTextFileSync("{{folder}}/plugin", "run");
await fetch("http://127.0.0.1:{{tcp}}/plugin");
