import _ from "npm:lodash@4.17.21";
import { chunk } from "https://esm.sh/lodash-es@4.17.21";

export default () =>
  Response.json({
    groups: _.groupBy(["one", "two", "three"], "length"),
    chunks: chunk([1, 2, 3], 2),
  });
