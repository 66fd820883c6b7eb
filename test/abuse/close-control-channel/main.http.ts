// Closes the pipes on which the host and its worker talk.
import { closeSync } from "node:fs";

const closings: Readonly<Record<string, () => unknown>> = {
  stdin: () => Deno.stdin.close(),
  stdout: () => Deno.stdout.close(),
  stderr: () => Deno.stderr.close(),
  descriptors: () => {
    for (let fd = 0; fd < 3; fd++) closeSync(fd);
  },
  node: () => process.stdout.destroy(),
  cancel: () => Deno.stdin.readable.cancel(),
};

export default async function close(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  let how = "closed";
  try {
    await closings[pathname.slice(1)]?.();
  } catch (error) {
    how = `${error}`;
  }
  return new Response(how);
}
