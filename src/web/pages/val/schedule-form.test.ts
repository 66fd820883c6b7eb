import { expect, test } from "bun:test";
import { isSchedule, parseSchedule } from "../../../val/schedule.ts";
import { fromForm, toForm, withField } from "./schedule-form.ts";

test("a schedule that is shown in a form and not changed stays as it is", () => {
  for (const text of [
    "every minute",
    "every 15 minutes",
    "every hour",
    "every 2 days",
    "30 9 * * 1-5",
    "0 9 15W * *",
  ])
    expect(fromForm(toForm(text))).toBe(text);
  expect(fromForm(toForm("@daily"))).toBe("0 0 * * *");
});

test("whoever turns from simple to cron finds fields that are a schedule", () => {
  for (const text of [
    "every minute",
    "every 90 minutes",
    "every 5 hours",
    "every 48 hours",
    "every 40 days",
  ]) {
    const cron = fromForm({ ...toForm(text), kind: "cron" });
    expect(isSchedule(parseSchedule(cron))).toBe(true);
  }
  expect(fromForm({ ...toForm("0 9 * * *"), kind: "simple" })).toBe("every hour");
});

test("a whole expression in one field fills all of them, anything else that field alone", () => {
  const form = toForm("every hour");
  expect(withField(form, 2, " 30 9 * * 1-5 ").fields).toEqual(["30", "9", "*", "*", "1-5"]);
  expect(withField(form, 1, "@weekly").fields).toEqual(["0", "0", "*", "*", "0"]);
  expect(withField(form, 1, "9").fields).toEqual(["0", "9", "*", "*", "*"]);
  expect(withField(form, 0, "1 2").fields).toEqual(["1 2", "*", "*", "*", "*"]);
});
