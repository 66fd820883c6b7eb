import { pathOf } from "../../client/call.ts";

/** Where the bytes of a blob are. Two keys cannot stand in an address: there is a query for them. */
export function blobPath(valId: string, key: string): string {
  const params = { val_id: valId, key: /^\.\.?$/.test(key) ? "" : key };
  return pathOf("getValBlob", { params, ...(params.key === "" && { query: { key } }) });
}
