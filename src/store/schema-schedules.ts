/** When an interval file runs. The row stays while the file is removed or of another type. */
export interface ScheduleTable {
  file_id: string;
  schedule: string;
  time_zone: string;
  paused: number;
  /** The slot that comes next; null while there is none to wait for. */
  next_at: number | null;
  /** What the clock showed when that was worked out. */
  reckoned_at: number;
  /** When a run began last, by the clock or by hand. */
  last_run_at: number | null;
}

/** What starts files at their times. */
export interface ScheduleTables {
  schedules: ScheduleTable;
}
