/**
 * A part of a state as text with places in it: what is the same wherever the part turns up is written once and kept, what depends on the
 * rest of the state (is this version still the present one?) is filled in for each state.
 */

/** What a place stands for. */
export type Place =
  /** Version of a row, as Check read it. */
  | { readonly kind: 'version'; readonly record_key: string; readonly version: number }
  | { readonly kind: 'etag'; readonly system: string; readonly native_id: string; readonly version: string }
  | { readonly kind: 'token'; readonly token: number }
  /** The token of an origin stamp: it counts only while an intent or a hold of that number is remembered. */
  | { readonly kind: 'stamp'; readonly token: number }
  | { readonly kind: 'review'; readonly id: string };

export interface Told {
  /** One more than there are places. */
  readonly texts: readonly string[];
  readonly places: readonly Place[];
}

const BORDER = '§';
const PLACE = /"?§(\d+)§"?/u;

/** Collects the places while a part is written down. */
export class Teller {
  readonly #places: Place[] = [];

  place(place: Place): string {
    return `${BORDER}${this.#places.push(place) - 1}${BORDER}`;
  }

  /** @param text JSON in which the places that this teller gave out stand, each as it came, in whatever order */
  told(text: string): Told {
    const parts = text.split(PLACE);
    const texts = parts.filter((_part, index) => index % 2 === 0);
    const places = parts.filter((_part, index) => index % 2 === 1).flatMap((number) => this.#places[Number(number)] ?? []);
    return { texts, places };
  }
}

export function filled({ texts, places }: Told, fill: (place: Place) => string): string {
  let text = texts[0] ?? '';
  for (const [index, place] of places.entries()) text += fill(place) + (texts[index + 1] ?? '');
  return text;
}
