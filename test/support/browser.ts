/** A real, headless Chromium. */

import { type Browser, chromium } from "playwright-core";

/** Starts the system's Chromium, without any network habits of its own; close it with `close()`. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
