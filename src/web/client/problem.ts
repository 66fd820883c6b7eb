/** An answer of the API that is an error, or no answer at all. */
export class Problem extends Error {
  /** 0 when the town could not be reached. */
  readonly status: number;
  readonly code: string | undefined;
  /** The whole body: some errors say more. */
  readonly body: unknown;

  constructor(status: number, message: string, code?: string, body?: unknown) {
    super(message);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

/** What an error says to the person at the screen. */
export function sayProblem(error: unknown): string {
  if (error instanceof Problem) return error.message;
  return error instanceof Error ? error.message : String(error);
}
