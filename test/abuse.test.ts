// @long
/** Every attack of `test/abuse/` against all walls. */

import { declareSuite } from "./abuse/suite.ts";

declareSuite("all");
