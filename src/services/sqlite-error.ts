/** A request to a database that failed; `status` is that of the HTTP answer, `code` the one that clients look for. */
export class SqliteError extends Error {
  override readonly name = "SqliteError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
