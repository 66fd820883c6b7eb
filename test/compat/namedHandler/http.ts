export const myEndpoint = async (request: Request): Promise<Response> => {
  const { pathname, searchParams } = new URL(request.url);
  return new Response(`${request.method} ${pathname} ${searchParams.get("q")}`);
};
