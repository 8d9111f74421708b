/** Builds an element. Children are nodes or text; text is never parsed as HTML, so a record cannot script the page. */
export function element(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export function byId(id) {
  return document.getElementById(id);
}

export function valueAt(record, path) {
  return path.split('.').reduce((at, key) => at?.[key], record) ?? null;
}

/** Resolves with the answer's JSON; a refusal rejects with the server's own words and the field it names. */
export async function call(method, url, body) {
  const init = body === undefined ? { method } : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(url, init);
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error?.message ?? response.statusText), { field: answer.error?.field ?? null });
  return answer;
}
