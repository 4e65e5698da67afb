import type { Decision } from '../domain/decision.ts'
import { isPlainAllow } from '../domain/plain-allow.ts'

/** Which decisions are recorded. What is not a plain allow always is. */
export type Records =
  | { readonly kind: 'complete' }
  | { readonly kind: 'challenged-and-denied' }
  /** Of the plain allows this share, from 0 to 1. */
  | { readonly kind: 'sampled'; readonly share: number }

/** Creates the function that says whether a decision is recorded; `random` gives 0 up to 1. */
export function createKeep(
  records: Records,
  random: () => number,
): (decision: Decision) => boolean {
  switch (records.kind) {
    case 'complete':
      return () => true
    case 'challenged-and-denied':
      return (decision) => !isPlainAllow(decision)
    case 'sampled':
      return (decision) => !isPlainAllow(decision) || random() < records.share
  }
}
