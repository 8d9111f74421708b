/**
 * n8n stores and sends the data of an execution in the "flatted" form: a JSON array whose first element is the root, and
 * in which every string inside a value is the index of the element it stands for. Values in n8n's data never form a
 * circle that a reader needs, but shared ones are common, so each element is built once.
 */
export function parseFlatted(text: string): unknown {
  const flat: unknown = JSON.parse(text);
  if (!Array.isArray(flat)) throw new TypeError('Flatted data starts with an array.');
  const elements: readonly unknown[] = flat;
  const built = new Map<number, unknown>();

  const resolve = (value: unknown): unknown => (typeof value === 'string' ? element(Number(value)) : value);
  function element(index: number): unknown {
    if (built.has(index)) return built.get(index);
    const raw = elements[index];
    if (typeof raw !== 'object' || raw === null) return raw;
    if (Array.isArray(raw)) {
      const list: unknown[] = [];
      built.set(index, list);
      for (const value of raw) list.push(resolve(value));
      return list;
    }
    const record: Record<string, unknown> = {};
    built.set(index, record);
    for (const [key, value] of Object.entries(raw)) record[key] = resolve(value);
    return record;
  }
  return element(0);
}
