// Hands out the token it was given, and dies: the town knows it no more.
export default (request: Request) => {
  if (new URL(request.url).pathname === "/die") Deno.exit(1);
  return new Response(Deno.env.get("valtown"));
};
