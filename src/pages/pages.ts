/** What does a person see, until the web app comes? Pages that are made on the server and work without a script. */

export { type AssetName, assetPath, assetResponse } from "./assets.ts";
export {
  answeredPage,
  type ConsentOptions,
  consentPage,
  type DevicePageOptions,
  deviceDonePage,
  devicePage,
  oauthProblemPage,
} from "./consent.ts";
export { Html, html, type Part } from "./html.ts";
export { contentSecurityPolicy, MARK_PATH, type PageOptions, page, pageHeaders } from "./page.ts";
