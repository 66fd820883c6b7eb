// Signing in with a passkey, which needs a script.

const problem = document.getElementById("passkey-problem");

/** @param {string} text */
const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

/** @param {ArrayBuffer | null | undefined} buffer */
const toText = (buffer) =>
  buffer &&
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

async function ask(path, body) {
  const answer = await fetch(`/api/auth/passkey/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const result = await answer.json().catch(() => ({}));
  if (answer.ok) return result;
  if (answer.status === 429) throw new Error("Too many attempts. Try again in a moment.");
  throw new Error(result.message ?? "The server did not take it.");
}

const withBytes = (list) => list?.map((one) => ({ ...one, id: toBytes(one.id) }));

async function signIn(next) {
  const options = await ask("generate-authenticate-options");
  const { challenge, allowCredentials, ...rest } = options;
  const credential = await navigator.credentials.get({
    publicKey: { ...rest, challenge: toBytes(challenge), allowCredentials: withBytes(allowCredentials) },
  });
  const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
  await ask("verify-authentication", {
    response: {
      ...common(credential),
      response: {
        authenticatorData: toText(authenticatorData),
        clientDataJSON: toText(clientDataJSON),
        signature: toText(signature),
        userHandle: toText(userHandle) ?? undefined,
      },
    },
  });
  location.assign(next);
}

function common(credential) {
  const { id, type, rawId, authenticatorAttachment } = credential;
  return {
    id,
    type,
    rawId: toText(rawId),
    authenticatorAttachment: authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

function show(error) {
  // The person closed the dialog: nothing went wrong.
  if (error.name === "NotAllowedError" || error.name === "AbortError") return;
  problem.textContent = error.message;
  problem.hidden = false;
}

function offer(button, work) {
  if (button === null || window.PublicKeyCredential === undefined) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    problem.hidden = true;
    button.disabled = true;
    await work(button).catch(show);
    button.disabled = false;
  });
}

offer(document.getElementById("passkey-sign-in"), (button) => signIn(button.dataset.next));
