/** How a decision came about. */
export type Trail = {
  /** The template that the reported rule's match fitted by; null when no rule took part. */
  readonly pathTemplate: string | null
  /** What the template captured, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** The key of the caller's device; null without one. */
  readonly device: string | null
  /** Every rule that fits, those that took part first; null for a plain allow, and where no rule was asked. */
  readonly considered: readonly ConsideredRule[] | null
}

/** One rule that was looked at. */
export type ConsideredRule = {
  readonly rule: string
  /** Whether its `match` fitted. */
  readonly match: boolean
  readonly condition: true | false | 'indeterminate'
  /** What its condition reads: name → value as the expression saw it; null: it was not there, undefined: it is not told. */
  readonly inputs: Readonly<Record<string, unknown>>
}
