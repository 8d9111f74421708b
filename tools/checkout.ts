import { join } from 'node:path';

/** The project's root; every cache and build path starts here, wherever npm was called from. */
export const CHECKOUT = join(__dirname, '..');
export const CACHE = join(CHECKOUT, '.cache');
