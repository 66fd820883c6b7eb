/** Why a blob could not be had or stored. */
export type BlobFailure =
  /** The key is none. */
  | "bad_key"
  /** The account would have more than it may. */
  | "quota"
  /** The body ended before it was whole. */
  | "cut_off"
  /** The val or user that it would belong to is gone. */
  | "no_scope"
  /** The stored bytes are not those that were stored. */
  | "corrupt"
  /** The disk or the S3 server failed. */
  | "storage";

/** A blob that cannot be had or stored; what was there before is still there. `message` is for who asked. */
export class BlobError extends Error {
  override readonly name = "BlobError";
  readonly failure: BlobFailure;

  constructor(failure: BlobFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** What the disk or S3 said, as one of ours. */
export function toStorageError(error: unknown): BlobError {
  if (error instanceof BlobError) return error;
  return new BlobError("storage", "The place where blobs are kept failed. Try again, or tell the operator.", {
    cause: error,
  });
}
