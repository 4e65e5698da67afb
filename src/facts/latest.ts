/** Something that happened, in milliseconds since the epoch. */
type Dated = { readonly at: number }

/** The newest thing under each key, at most `capacity` of them. */
export type Latest<T extends Dated> = {
  readonly get: (key: string) => T | undefined
  readonly values: () => Iterable<T>
  /** Keeps what is newer than what was there, and nothing else. */
  readonly put: (key: string, value: T) => void
  readonly delete: (key: string) => void
  /** Forgets what happened before that time. */
  readonly forget: (before: number) => void
}

/** Creates it empty. When it is full it drops what was put longest ago, and tells. */
export function createLatest<T extends Dated>(
  capacity: number,
  dropped: (key: string, value: T) => void,
): Latest<T> {
  const entries = new Map<string, T>()
  const makeRoom = () => {
    for (const [key, value] of entries) {
      if (entries.size < capacity) return
      entries.delete(key)
      dropped(key, value)
    }
  }
  return {
    get: (key) => entries.get(key),
    values: () => entries.values(),
    put: (key, value) => {
      const before = entries.get(key)
      if (before !== undefined && before.at >= value.at) return
      entries.delete(key)
      makeRoom()
      entries.set(key, value)
    },
    delete: (key) => void entries.delete(key),
    forget: (before) => {
      for (const [key, { at }] of entries) if (at < before) entries.delete(key)
    },
  }
}
