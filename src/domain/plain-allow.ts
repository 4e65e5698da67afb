import type { Decision } from './decision.ts'

/** An allow that nothing was undecided about, and that the shadow policy would have given as well. */
export function isPlainAllow({ outcome, indeterminate, shadow }: Decision): boolean {
  return (
    outcome === 'allow' &&
    indeterminate.length === 0 &&
    (shadow === null || shadow.outcome === 'allow')
  )
}
