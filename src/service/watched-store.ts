import type { Observed, Store } from '../facts/store.ts'

/** The same store, with `answered` told of each look into it that succeeded. */
export function watchedStore(store: Store, answered: () => void): Store {
  const told = (observed: Observed): Observed => {
    answered()
    return observed
  }
  return {
    ...store,
    observe: (sighting) => {
      const observed = store.observe(sighting)
      return observed instanceof Promise ? observed.then(told) : told(observed)
    },
  }
}
