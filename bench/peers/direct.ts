// Run by Deno: one val on TCP, with nothing in between. Argument: the val's main.ts as a file: URL.
declare const Deno: {
  args: string[];
  serve(options: object, handler: (req: Request) => Response | Promise<Response>): unknown;
};

const { default: handler } = await import(Deno.args[0]!);
const onListen = ({ port }: { port: number }) => console.log(JSON.stringify({ port }));
Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, (req) => handler(req));

export {};
