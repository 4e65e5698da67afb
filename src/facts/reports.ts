import { createLatest } from './latest.ts'

/** Somebody said when that something was well, or that it was not. */
type Report = { readonly at: number }

/** The last report of each thing. Two of one time: the worse one counts. */
export type Reports<T extends Report> = {
  /** True when it changes something: it is newer than what is known, or as new and worse. */
  readonly isNews: (key: string, isBad: boolean, at: number) => boolean
  readonly put: (key: string, isBad: boolean, report: T) => void
  /** Undefined when it may be, but there was no room to remember. */
  readonly isBad: (key: string) => boolean | undefined
  readonly values: () => readonly T[]
  /** Forgets what was well before that time; what was not stays so. */
  readonly forget: (before: number) => void
}

/** Creates it empty. `overflowed` is told when a bad report was dropped: from then on nothing unknown is known to be well. */
export function createReports<T extends Report>(
  capacity: number,
  overflowed: () => void,
): Reports<T> {
  let isComplete = true
  const good = createLatest<T>(capacity, () => {})
  const bad = createLatest<T>(capacity, () => {
    isComplete = false
    overflowed()
  })
  return {
    isNews: (key, isBad, at) => {
      const [wasGood, wasBad] = [good.get(key)?.at ?? NEVER, bad.get(key)?.at ?? NEVER]
      return at > wasBad && (isBad ? at >= wasGood : at > wasGood)
    },
    put: (key, isBad, report) => {
      const [into, outOf] = isBad ? [bad, good] : [good, bad]
      outOf.delete(key)
      into.put(key, report)
    },
    isBad: (key) => {
      if (bad.get(key) !== undefined) return true
      return isComplete || good.get(key) !== undefined ? false : undefined
    },
    values: () => [...bad.values(), ...good.values()],
    forget: good.forget,
  }
}

const NEVER = Number.NEGATIVE_INFINITY
