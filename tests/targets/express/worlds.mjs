import { randomBytes } from 'node:crypto';

import { Clock } from './clock.mjs';
import { SUPPLIERS } from './words.mjs';
import { Store } from './store.mjs';

/** How many worlds there are for tests beside the first. */
const FURTHER = 7;

const newKey = () => randomBytes(16).toString('hex');

/** Worlds that know nothing of each other: each has suppliers, orders and a clock of its own. A key says which is meant. */
export class Worlds {
  #stores;
  #keys;
  #storeOfKey = new Map();

  /** The first world, kept in `file`, has these keys; with `further`, there are others, in memory. */
  constructor(file, keys, further) {
    const others = Array.from({ length: further ? FURTHER : 0 }, () =>
      Object.fromEntries(SUPPLIERS.map((supplier) => [supplier, newKey()])));
    this.#keys = [keys, ...others];
    this.#stores = this.#keys.map((keys, place) => new Store(place === 0 ? file : ':memory:', new Clock(), keys));
    this.#keys.forEach((keys, place) => {
      for (const key of Object.values(keys)) this.#storeOfKey.set(key, this.#stores[place]);
    });
  }

  /** The world of that number; nothing if there is none. */
  at(number) {
    return this.#stores[number];
  }

  /** The keys of all worlds but the first. */
  furtherKeys() {
    return this.#keys.slice(1);
  }

  /** Whose key it is, and in which world; no supplier if it is nobody's. */
  find(key) {
    const store = this.#storeOfKey.get(key) ?? this.#stores[0];
    return { store, supplier: store.supplierOf(key) };
  }

  addKey(store, supplier) {
    const key = newKey();
    store.addKey(supplier, key);
    this.#storeOfKey.set(key, store);
    return key;
  }
}
