// The smallest val: one function, one answer.

export default function hello(): Response {
  return new Response("Hello, world!\n");
}
