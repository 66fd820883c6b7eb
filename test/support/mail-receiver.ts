/** A process that takes mail until it is killed: `mail-receiver.ts FOLDER`. Says on stdout at which port. */

import { startMailIn } from "./mail-in.ts";

const town = await startMailIn({ folder: process.argv[2]!, limits: { ratePerMinute: 0 } });
console.log(town.port);
