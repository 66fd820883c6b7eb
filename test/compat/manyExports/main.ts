export const answer = 42;

export function helper() {
  return new Response("not me");
}

export default function (_req: Request) {
  return new Response(`default, ${answer}`);
}
