// Passkeys: a form with data-passkey gets its answer from the browser and is sent with it.
// The options are JSON with base64url where WebAuthn wants bytes (https://www.w3.org/TR/webauthn-3/#sctn-parseCreationOptionsFromJSON).

type Json = { [key: string]: unknown };

function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function toText(bytes: ArrayBuffer | null): string | null {
  if (!bytes) return null;
  const plain = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function withBytes<T extends { id: unknown }>(keys: T[] | undefined): T[] {
  return (keys ?? []).map((key) => ({ ...key, id: toBytes(String(key.id)) }));
}

async function create(given: Json): Promise<Json> {
  const options = given.publicKey as any;
  const made = (await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
      authenticatorSelection: {
        ...options.authenticatorSelection,
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
    },
  })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    id: made.id,
    rawId: toText(made.rawId),
    type: made.type,
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      attestationObject: toText(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
    clientExtensionResults: made.getClientExtensionResults(),
  };
}

async function get(given: Json): Promise<Json> {
  const options = given.publicKey as any;
  const found = (await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    },
  })) as PublicKeyCredential;
  const response = found.response as AuthenticatorAssertionResponse;
  return {
    id: found.id,
    rawId: toText(found.rawId),
    type: found.type,
    response: {
      clientDataJSON: toText(response.clientDataJSON),
      authenticatorData: toText(response.authenticatorData),
      signature: toText(response.signature),
      userHandle: toText(response.userHandle),
    },
    clientExtensionResults: found.getClientExtensionResults(),
  };
}

async function askServer(form: HTMLFormElement): Promise<Json> {
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return (await answer.json()).request_options;
}

async function answer(form: HTMLFormElement): Promise<void> {
  const kind = form.dataset.passkey;
  const written = form.querySelector("#passkey-options")?.textContent;
  const options: Json = kind === "login" ? await askServer(form) : JSON.parse(written ?? "{}");
  const credential = kind === "create" ? await create(options) : await get(options);
  const field = form.querySelector<HTMLInputElement>("[name=credential]");
  if (field) field.value = JSON.stringify(credential);
  form.submit();
}

function say(form: HTMLFormElement, text: string | undefined): void {
  const place = form.querySelector<HTMLElement>("[data-passkey-said]");
  if (!place) return;
  place.textContent = text ?? "";
  place.hidden = !text;
}

// Before the guard that sends a form once: an answer that did not come may be asked for again.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.passkey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    say(form, "");
    if (!window.PublicKeyCredential || !window.isSecureContext || /^[\d.]+$|:/.test(location.hostname)) {
      say(form, form.dataset.textNowhere);
      return;
    }
    answer(form).catch(() => say(form, form.dataset.textRefused));
  },
  true,
);
