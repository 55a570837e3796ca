/** The time of day, which the hook can move ahead. */
export class Clock {
  #ahead = 0;

  /** Milliseconds since 1970. */
  now() {
    return Date.now() + this.#ahead;
  }

  /** Moves ahead, within the years of four digits; returns whether it did. */
  advance(seconds) {
    const then = this.now() + seconds * 1000;
    if (new Date(then).getUTCFullYear() > 9000) return false;
    this.#ahead += seconds * 1000;
    return true;
  }
}
