/** The model proxy alone, before a model server of the test's own. */

import { createOpenAi, type ModelServer, type OpenAiOptions } from "../../src/services/openai.ts";
import type { TestUpstream } from "./upstream.ts";

/** The operator's. */
export const KEY = "sk-operators-own-key";

/** A request to the proxy; what is not given is as it mostly is. */
export interface ProxyCall {
  readonly path?: string;
  readonly method?: string;
  readonly json?: unknown;
  readonly body?: string | ReadableStream;
  readonly headers?: Record<string, string>;
  readonly options?: Partial<OpenAiOptions>;
  readonly server?: Partial<ModelServer>;
  readonly signal?: AbortSignal;
}

/** Sends it as the user ann. */
export function callProxy(
  upstream: TestUpstream,
  { path = "chat/completions", method = "POST", json, body, headers, ...more }: ProxyCall,
): Promise<Response> {
  const openai = createOpenAi({
    upstream: () => ({ url: upstream.url, key: KEY, ...more.server }),
    models: [],
    ratePerMinute: 0,
    ...more.options,
  });
  const init = { method, headers, body: body ?? (method === "POST" ? JSON.stringify(json) : null) };
  const request = new Request(`http://api.localhost/v1/openai/${path}`, { ...init, signal: more.signal });
  return openai.proxy({ userId: "ann" }, path, request);
}
