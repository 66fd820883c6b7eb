// @long
/** Every attack of `test/abuse/` with Deno's own permissions switched off: namespaces and limits must hold alone. */

import { declareSuite } from "./abuse/suite.ts";

declareSuite("namespaces");
