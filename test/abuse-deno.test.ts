// @long
/** Every attack of `test/abuse/` against Deno's own permissions alone, as where there are no namespaces. */

import { declareSuite } from "./abuse/suite.ts";

declareSuite("deno");
