/** Where the bytes of blobs lie: objects under opaque names, each written once and never changed. */

/** One object on its way in. */
export interface ObjectWriter {
  /** Resolves when more can be taken. */
  write(chunk: Uint8Array): Promise<void>;
  /** The object is whole: resolves once it would survive a crash. */
  commit(): Promise<void>;
  /** Nothing of it is wanted; it may have to be removed all the same. */
  abort(): Promise<void>;
}

/** One object, or a part of it, on its way out. */
export interface ObjectReader {
  /** Undefined at the end. */
  next(): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/** A backend. All of it may reject with whatever the disk or the network says. */
export interface Objects {
  create(name: string): Promise<ObjectWriter>;
  /** Bytes from `start` up to but not including `end`; never empty. */
  open(name: string, start: number, end: number): Promise<ObjectReader>;
  /** One that is not there is removed already. */
  remove(name: string): Promise<void>;
}
