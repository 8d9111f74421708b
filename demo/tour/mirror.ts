const PAGE = 100;

/**
 * What a full-row mirror needs for the same day: at each poll it lists both systems whole and writes every row of each to
 * the other, because it knows no snapshot to compare with. It is given as few polls as possible: one for each moment at
 * which the tour waited for something to arrive. A real one that is to be as quick as the sync polls every 5 s.
 */
export function mirrorCalls(polls: number, rows: { readonly crm: number; readonly support: number }): number {
  const pages = Math.ceil(rows.crm / PAGE) + Math.ceil(rows.support / PAGE);
  return polls * (pages + rows.crm + rows.support);
}
