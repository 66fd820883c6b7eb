/** A token endpoint as third parties have one (RFC 6749 §6): each refresh token is good for one use. */

export interface TokenServer extends Disposable {
  readonly url: string;
  /** The forms that were sent to it. */
  readonly asked: URLSearchParams[];
  /** The refresh token that is good next. */
  good: string;
  /** What it answers instead. */
  answer: (() => Response | Promise<Response>) | undefined;
}

export function startTokenServer(): TokenServer {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const form = new URLSearchParams(await request.text());
      tokens.asked.push(form);
      if (tokens.answer !== undefined) return tokens.answer();
      if (form.get("grant_type") !== "refresh_token" || form.get("client_secret") !== "town's secret")
        return Response.json({ error: "invalid_client" }, { status: 401 });
      if (form.get("refresh_token") !== tokens.good)
        return Response.json({ error: "invalid_grant" }, { status: 400 });
      const number = tokens.asked.length;
      tokens.good = `refresh-${number}`;
      return Response.json({
        access_token: `access-${number}`,
        refresh_token: tokens.good,
        token_type: "bearer",
        expires_in: 3600,
        scope: "docs sheets",
      });
    },
  });
  const tokens: TokenServer = {
    url: `http://127.0.0.1:${server.port}/token`,
    asked: [],
    good: "refresh-0",
    answer: undefined,
    [Symbol.dispose]: () => void server.stop(true),
  };
  return tokens;
}
