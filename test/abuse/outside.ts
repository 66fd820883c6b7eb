/** The attacks of which more is to be seen from outside than the val's own report. */

import { bleedIntoNextAnswer } from "./bleed-into-next-answer/outside.ts";
import { breakPatchedBuiltins } from "./break-patched-builtins/outside.ts";
import { closeControlChannel } from "./close-control-channel/outside.ts";
import { escapeByFileNames } from "./escape-by-file-names/outside.ts";
import { exhaustThreads } from "./exhaust-threads/outside.ts";
import { floodControlChannel } from "./flood-control-channel/outside.ts";
import { forgeControlLines } from "./forge-control-lines/outside.ts";
import { forgeReportsWithTheNonce } from "./forge-reports-with-the-nonce/outside.ts";
import { importAnotherUsersPrivateVal } from "./import-another-users-private-val/outside.ts";
import { oneByOne } from "./one-by-one.ts";
import { outliveTheServer } from "./outlive-the-server/outside.ts";
import { overwriteOwnFiles } from "./overwrite-own-files/outside.ts";
import { poisonItsOwnOverlay } from "./poison-its-own-overlay/outside.ts";
import { poisonPackageCache } from "./poison-package-cache/outside.ts";
import { runInstallScripts } from "./run-install-scripts/outside.ts";
import { sendGiantHeaders } from "./send-giant-headers/outside.ts";
import { sendOddStatuses } from "./send-odd-statuses/outside.ts";
import { shadowAPackage } from "./shadow-a-package/outside.ts";
import { shareStorageWithAnotherVal } from "./share-storage-with-another-val/outside.ts";
import { smuggleResponseHeaders } from "./smuggle-response-headers/outside.ts";
import { splitResponse } from "./split-response/outside.ts";
import type { Outside } from "./stage.ts";
import { useADeadWorkersToken } from "./use-a-dead-workers-token/outside.ts";

export const OUTSIDE: Readonly<Record<string, Outside>> = {
  "bleed-into-next-answer": bleedIntoNextAnswer,
  "break-patched-builtins": breakPatchedBuiltins,
  "close-control-channel": closeControlChannel,
  "escape-by-file-names": escapeByFileNames,
  "exhaust-threads": exhaustThreads,
  "flood-control-channel": floodControlChannel,
  "forge-control-lines": forgeControlLines,
  "import-another-users-private-val": importAnotherUsersPrivateVal,
  "use-a-dead-workers-token": useADeadWorkersToken,
  "poison-its-own-overlay": poisonItsOwnOverlay,
  "make-endless-files": oneByOne,
  "open-debugger": oneByOne,
  "forge-reports-with-the-nonce": forgeReportsWithTheNonce,
  "outlive-the-server": outliveTheServer,
  "overwrite-own-files": overwriteOwnFiles,
  "poison-package-cache": poisonPackageCache,
  "reach-host-by-rarer-clients": oneByOne,
  "run-install-scripts": runInstallScripts,
  "send-giant-headers": sendGiantHeaders,
  "send-odd-statuses": sendOddStatuses,
  "shadow-a-package": shadowAPackage,
  "share-storage-with-another-val": shareStorageWithAnotherVal,
  "smuggle-response-headers": smuggleResponseHeaders,
  "split-response": splitResponse,
  "start-workers-with-rights": oneByOne,
};
