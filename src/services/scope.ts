/** Whose data a service works on: an account's, shared by all its vals, or one val's own. */
export type Scope = { readonly kind: "user" | "val"; readonly id: string };
