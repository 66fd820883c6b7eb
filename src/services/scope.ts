/** Whose data it is: one store per account, and one per val. */
export type Scope = {
  readonly kind: "user" | "val";
  /** The user's or the val's id. */
  readonly id: string;
};
