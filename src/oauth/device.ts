/** The sign-in of a device that has no browser (RFC 8628). */

import type { Configuration, errors, KoaContextWithOIDC } from "oidc-provider";
import { deviceDonePage, devicePage, oauthProblemPage } from "../pages/pages.ts";
import { show } from "./show.ts";

type DeviceFlow = NonNullable<NonNullable<Configuration["features"]>["deviceFlow"]>;

/** The codes and the pages that people see. */
export const deviceFlow: DeviceFlow = {
  enabled: true,
  charset: "base-20",
  mask: "****-****",
  deviceInfo: () => ({}),
  async userCodeInputSource(ctx, _form, out, error) {
    if (error?.name === "AbortedError") return show(ctx, deviceDonePage(false, ""));
    const again = error === undefined || "userCode" in error || error.name === "NoCodeError";
    if (!again && ctx.oidc.route === "device_resume") return show(ctx, oauthProblemPage(400, textOf(out)));
    await show(ctx, devicePage({ ...formOf(ctx), userCode: codeOf(ctx, error), problem: problemOf(error) }));
  },
  // Nobody is asked twice: the form of the code is the confirmation.
  userCodeConfirmSource: (ctx, _form, _client, _info, userCode) =>
    show(ctx, devicePage({ ...formOf(ctx), userCode })),
  async successSource(ctx) {
    const { client } = ctx.oidc;
    await show(ctx, deviceDonePage(true, client?.clientName ?? client?.clientId ?? ""));
  },
};

function formOf(ctx: KoaContextWithOIDC): { action: string; token: string } {
  const state = ctx.oidc.session?.state as { secret?: string } | undefined;
  return { action: "/oauth/device", token: state?.secret ?? "" };
}

function codeOf(ctx: KoaContextWithOIDC, error: unknown): string | undefined {
  const { userCode } = (error ?? {}) as { userCode?: string };
  const { prefilled } = ctx.state as { prefilled?: string };
  return userCode ?? prefilled;
}

function problemOf(error: Error | undefined): string | undefined {
  if (error === undefined) return undefined;
  if (error.name === "ExpiredError") return "This code is no longer good. Start again on your device.";
  if (error.name === "AlreadyUsedError") return "This code was used before. Start again on your device.";
  if (error.name === "NoCodeError" || error.name === "NotFoundError")
    return "There is no such code. Look at your device again.";
  return "This did not work. Enter the code once more.";
}

function textOf(out: errors.OIDCProviderError | { error_description?: string } | undefined): string {
  return out?.error_description ?? "This did not work. Start again on your device.";
}
