/** Folders by val name; each holds a `main.ts` whose default export is the handler. */
export type Vals = Readonly<Record<string, string>>;

/** One platform, serving. */
export interface Running {
  readonly port: number;
  /** The process that visitors connect to. */
  readonly frontPid: number;
  /** The `Host` header that reaches a val. */
  host(val: string): string;
  /** Make one more val from a folder; resolves when the platform has built it. */
  create?(val: string, source: string): Promise<void>;
  /** Put another text in a val's main.ts; resolves when the platform has acknowledged it. */
  save?(val: string, source: string): Promise<void>;
  stop(): Promise<void>;
}

/** One row of the comparison: something that can serve vals. */
export interface Contestant {
  readonly name: ContestantName;
  /** Start with these vals, none of them warm. `memory` (such as `1GB`) is for platforms that limit a worker's. */
  start(vals: Vals, memory?: string): Promise<Running>;
}

export const CONTESTANTS = ["hamlet", "direct", "dhw", "dhw-fast", "workerd"] as const;
export type ContestantName = (typeof CONTESTANTS)[number];

/** One line of the table: a figure for each contestant that can be measured. */
export interface Row {
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  readonly better: "more" | "less";
  /** Median over `samples`. */
  readonly values: Partial<Record<ContestantName, number>>;
  readonly samples: Partial<Record<ContestantName, readonly number[]>>;
  readonly note?: string;
}

export interface Measure {
  readonly name: string;
  /** It takes so long that it is measured only when it is named by `--only`. */
  readonly long?: true;
  run(bench: Bench): Promise<Row[]>;
}

/** What a measure is given. */
export interface Bench {
  readonly rounds: number;
  /** Those that take part. */
  readonly contestants: ReadonlyMap<ContestantName, Contestant>;
  progress(text: string): void;
  /** A contestant could not be measured: it gets no figure, the others go on. */
  failed(contestant: ContestantName, error: unknown): void;
}
