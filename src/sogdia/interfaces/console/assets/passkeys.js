/** Passkeys: shows what the browser can do, asks the node for a challenge, hands back what the device signed. */

const decode = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Sends JSON with the page's token; a refusal throws with the node's own words. */
async function ask(section, path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", "x-sogdia-token": section.dataset.token },
    body: JSON.stringify(body),
  });
  const told = await answer.json();
  if (!answer.ok) {
    throw new Refused(told.detail);
  }
  return told;
}

class Refused extends Error {}

async function register(section) {
  const input = section.querySelector("input");
  const said = { name: input.value, label: input.name === "label" ? input.value : "" };
  const options = await ask(section, section.dataset.options, said);
  const publicKey = {
    ...options,
    challenge: decode(options.challenge),
    user: { ...options.user, id: decode(options.user.id) },
    excludeCredentials: options.excludeCredentials.map((one) => ({ ...one, id: decode(one.id) })),
  };
  const made = await navigator.credentials.create({ publicKey });
  return ask(section, section.dataset.to, { ...said, credential: shown(made, ["attestationObject"]) });
}

async function signIn(section) {
  const options = await ask(section, section.dataset.options, {});
  const publicKey = { ...options, challenge: decode(options.challenge), allowCredentials: [] };
  const signed = await navigator.credentials.get({ publicKey });
  const credential = shown(signed, ["authenticatorData", "signature", "userHandle"]);
  return ask(section, section.dataset.to, { credential, next: section.dataset.next });
}

/** A credential as JSON (WebAuthn Level 3, section 5.1): binary values in base64url. */
function shown(credential, fields) {
  const response = {};
  for (const name of ["clientDataJSON", ...fields]) {
    if (credential.response[name]) {
      response[name] = encode(credential.response[name]);
    }
  }
  return { id: credential.id, rawId: encode(credential.rawId), type: credential.type, response };
}

async function go(section) {
  const button = section.querySelector("[data-go]");
  const failed = section.querySelector("[data-failed]");
  const input = section.querySelector("input");
  if (input && !input.reportValidity()) {
    return;
  }
  button.disabled = true;
  failed.hidden = true;
  try {
    const told = await (section.dataset.passkey === "register" ? register(section) : signIn(section));
    location.assign(told.next);
  } catch (error) {
    failed.textContent = error instanceof Refused ? error.message : failed.dataset.words;
    failed.hidden = false;
    button.disabled = false;
  }
}

if (globalThis.PublicKeyCredential) {
  for (const section of document.querySelectorAll("[data-passkey]")) {
    section.hidden = false;
    section.querySelector("[data-go]").addEventListener("click", () => go(section));
  }
}
