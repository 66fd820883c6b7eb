/** Language models without a key of your own. `std/openai`, `std/openai/main.ts` */

import { OpenAI as Client, type ClientOptions } from "npm:openai@5.23.2";
import { API_URL } from "./api-url.ts";
import { token } from "./call.ts";

/** What npm's client takes, but for where it asks and as whom. */
export type OpenAIOptions = Omit<ClientOptions, "baseURL" | "apiKey" | "organization" | "project">;

/**
 * The client of `npm:openai`, pointed at this town's own models.
 *
 * @example
 * ```ts
 * import { OpenAI } from "https://esm.town/v/std/openai";
 *
 * const openai = new OpenAI();
 * const stream = await openai.chat.completions.create({
 *   model: "gpt-5-nano",
 *   messages: [{ role: "user", content: "Say hello in a creative way" }],
 *   stream: true,
 * });
 * let text = "";
 * for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? "";
 * console.log(text.length > 0); // → true
 * ```
 */
export class OpenAI extends Client {
  constructor(options: OpenAIOptions = {}) {
    super({
      ...options,
      baseURL: `${API_URL}/v1/openai`,
      apiKey: token(),
      // A val may hold OPENAI_ORG_ID for a client of its own; here it would be refused.
      organization: null,
      project: null,
    });
  }
}

/**
 * The same under the name that tells it from npm's.
 *
 * @example
 * ```ts
 * import { ValTownOpenAI } from "https://esm.town/v/std/openai/main.ts";
 *
 * const openai = new ValTownOpenAI();
 * const completion = await openai.chat.completions.create({
 *   model: "gpt-5-nano",
 *   messages: [{ role: "user", content: "Say hello" }],
 * });
 * console.log(completion.choices[0]?.message.role); // → "assistant"
 * ```
 */
export class ValTownOpenAI extends OpenAI {}
