/** Adding a passkey: what better-auth says and wants to hear is base64url, what the browser does is bytes. */

const toBytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

const toText = (buffer: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

interface Options {
  readonly challenge: string;
  readonly user: { readonly id: string };
  readonly excludeCredentials?: readonly { readonly id: string; readonly type: "public-key" }[];
  readonly rp: PublicKeyCredentialRpEntity;
  readonly pubKeyCredParams: PublicKeyCredentialParameters[];
}

/** Whether this browser can have passkeys. */
export const hasPasskeys = (): boolean => "PublicKeyCredential" in globalThis;

/** Has the browser make a key and the town remember it; false when the person closed the dialog. */
export async function addPasskey(name: string, username: string): Promise<boolean> {
  const options = (await ask("generate-register-options")) as Options;
  const { challenge, user, excludeCredentials = [], ...rest } = options;
  let credential: PublicKeyCredential;
  try {
    credential = (await navigator.credentials.create({
      publicKey: {
        ...rest,
        challenge: toBytes(challenge),
        user: { id: toBytes(user.id), name: username, displayName: username },
        excludeCredentials: excludeCredentials.map((one) => ({ ...one, id: toBytes(one.id) })),
      },
    })) as PublicKeyCredential;
  } catch (error) {
    const why = error instanceof Error ? error.name : "";
    if (why === "NotAllowedError" || why === "AbortError") return false;
    if (why === "InvalidStateError") throw new Error("This device has a passkey here already.");
    throw error;
  }
  const response = credential.response as AuthenticatorAttestationResponse;
  await ask("verify-registration", {
    name,
    response: {
      id: credential.id,
      type: credential.type,
      rawId: credential.id,
      ...(credential.authenticatorAttachment && {
        authenticatorAttachment: credential.authenticatorAttachment,
      }),
      clientExtensionResults: credential.getClientExtensionResults(),
      response: {
        attestationObject: toText(response.attestationObject),
        clientDataJSON: toText(response.clientDataJSON),
        transports: response.getTransports?.() ?? [],
      },
    },
  });
  return true;
}

async function ask(path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`/api/auth/passkey/${path}`, {
    method: body === undefined ? "GET" : "POST",
    ...(body !== undefined && {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
  const result = (await answer.json().catch(() => ({}))) as { message?: string };
  if (answer.ok) return result;
  if (answer.status === 429) throw new Error("Too many attempts. Try again in a moment.");
  throw new Error(result.message ?? "The town did not take it.");
}
