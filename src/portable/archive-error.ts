/** An archive, or a server elsewhere, that cannot be taken as it is. `message` is a sentence for whoever sent it. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}
