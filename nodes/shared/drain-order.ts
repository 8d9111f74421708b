/** Until the drain that was ordered should have begun. */
const TIME_TO_BEGIN_SECONDS = 30;

/** For how long nobody else is asked to drain, when the drain waits `wait_seconds` for more hints. */
export const orderSeconds = (wait_seconds: number): number => wait_seconds + TIME_TO_BEGIN_SECONDS;
