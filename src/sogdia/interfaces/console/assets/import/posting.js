/** What the pages of import send to their node; an Error says in words why it was refused. */

export async function post(path, token, body, headers = { "content-type": "application/json" }) {
  const answer = await fetch(path, {
    method: "POST",
    body,
    headers: { accept: "application/json", "x-sogdia-token": token, ...headers },
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    throw new Error(told.detail ?? "");
  }
  return told;
}
