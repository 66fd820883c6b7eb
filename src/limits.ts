/** What the operator allows each account, as its users are told. */

import type { Limits } from "./api/deploy.ts";
import type { Config } from "./config.ts";
import { MAILS_PER_MINUTE } from "./services/email.ts";

/** A flag's 0 means that there is no limit. */
export function toLimits(config: Config): Limits {
  return {
    blobBytes: config.blobQuota,
    databaseBytes: config.sqliteQuota,
    mailsPerMinute: MAILS_PER_MINUTE,
    receivedBytes: config.mailQuota,
    modelCallsPerMinute: config.openaiRate || null,
    requestBytes: config.maxBody,
    workersPerFile: config.maxWorkersPerVal,
    workerMemoryBytes: config.memory,
    requestsInFlightPerVal: config.maxInFlightPerVal,
    minPeriodSeconds: config.minPeriod / 1000 || null,
  };
}
