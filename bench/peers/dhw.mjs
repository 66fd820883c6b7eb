// Run by Node: `@valtown/deno-http-worker` behind `node:http`, as its README shows.
// Arguments: the folder with one folder per val, the Deno program, and its options as JSON.
import http from "node:http";
import { pathToFileURL } from "node:url";
import { newDenoHTTPWorker } from "@valtown/deno-http-worker";

const [folder, denoExecutable, next] = process.argv.slice(2);
const workers = new Map();

function workerOf(val) {
  if (!workers.has(val)) {
    workers.set(
      val,
      newDenoHTTPWorker(pathToFileURL(`${folder}/${val}/entry.ts`), {
        denoExecutable,
        // Many packages read their environment when they are imported.
        runFlags: [`--allow-read=${folder}/${val}`, "--allow-env", "--allow-sys"],
        next: JSON.parse(next),
      }),
    );
  }
  return workers.get(val);
}

const server = http.createServer(async (req, res) => {
  const worker = await workerOf(req.headers.host.split(".")[0]);
  const options = { method: req.method, headers: req.headers };
  const call = worker.request(`http://${req.headers.host}${req.url}`, options, (answer) => {
    res.writeHead(answer.statusCode, answer.headers);
    res.flushHeaders();
    answer.pipe(res);
  });
  call.on("error", () => res.destroy());
  res.on("close", () => call.destroy());
  req.pipe(call);
});

process.on("SIGTERM", async () => {
  for (const worker of workers.values()) (await worker).terminate();
  process.exit(0);
});

server.listen(0, "127.0.0.1", 4096, () => console.log(JSON.stringify({ port: server.address().port })));
