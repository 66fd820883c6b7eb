/** The fixtures of which more is to be seen from outside than the val's own report. */

import type { Outside } from "./stage.ts";

export const OUTSIDE: Readonly<Record<string, Outside>> = {};
