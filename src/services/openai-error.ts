/** An error in the shape that OpenAI's clients read: they show `message`, and programs look at `code`. */
export class OpenAiError extends Error {
  override readonly name = "OpenAiError";
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  toResponse(): Response {
    const type = TYPES[this.status] ?? (this.status < 500 ? "invalid_request_error" : "server_error");
    const error = { message: this.message, type, param: null, code: this.code };
    return Response.json({ error }, { status: this.status, headers: this.headers });
  }
}

const TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
};

/** Clients would send it twice more, to wait as long each time. */
export const NO_RETRY = { "x-should-retry": "false" };
