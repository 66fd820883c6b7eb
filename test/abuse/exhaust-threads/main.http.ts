// Starts threads and processes in a loop.
import { spawn } from "node:child_process";

const MANY = 500;

const bombs: Readonly<Record<string, () => unknown>> = {
  workers: () => {
    for (let i = 0; i < MANY; i++)
      new Worker("data:text/javascript,setInterval(()=>{},1000)", { type: "module" });
  },
  processes: () => {
    for (let i = 0; i < MANY; i++) {
      new Deno.Command("/deno/deno", {
        args: ["eval", "setInterval(()=>{},1000)"],
        stdout: "null",
        stderr: "null",
      }).spawn();
    }
  },
  forks: () => {
    const source = `for (;;) new Deno.Command("/deno/deno", { args: ["eval", Deno.args[0], Deno.args[0]] }).spawn();`;
    for (let i = 0; i < 20; i++)
      spawn("/deno/deno", ["eval", source, source], { detached: true, stdio: "ignore" });
  },
};

export default async function explode(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  let how = "still here";
  try {
    bombs[pathname.slice(1)]?.();
    await new Promise((resolve) => setTimeout(resolve, 1000));
  } catch (error) {
    how = `${error}`;
  }
  return new Response(how);
}
