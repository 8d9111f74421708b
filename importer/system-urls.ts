/** Where the shipped workflows expect the two systems: the demo's addresses, to be replaced by the user's. */
export const SHIPPED_URLS = { crm: 'http://localhost:4010', support: 'http://localhost:4020' } as const;

export function urlsOf(crm: string | undefined, support: string | undefined): ReadonlyMap<string, string> {
  const given = [
    [SHIPPED_URLS.crm, crm],
    [SHIPPED_URLS.support, support],
  ] as const;
  return new Map(given.flatMap(([from, to]) => (to === undefined ? [] : [[from, to] as const])));
}
