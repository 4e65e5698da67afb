/** Which rules are counted under their own ids. */
export type RuleLabels = {
  /** The label of a rule: its id while a policy has it, else `other`, and `none` where no rule was the reason. */
  readonly of: (rule: string | null) => string
  /** Takes the rules of a new policy; gives those that end: what the policy before had may still be in flight. */
  readonly replace: (rules: readonly string[]) => readonly string[]
}

/** Creates labels for at most `cap` rules of a policy, the first in its order, so that no policy makes them too many. */
export function createRuleLabels(cap: number): RuleLabels {
  let before: ReadonlySet<string> = new Set()
  let current: ReadonlySet<string> = new Set()
  return {
    of: (rule) => {
      if (rule === null) return 'none'
      return current.has(rule) || before.has(rule) ? rule : 'other'
    },
    replace: (rules) => {
      const next = new Set(rules.slice(0, cap))
      const ended = [...before].filter((rule) => !current.has(rule) && !next.has(rule))
      before = current
      current = next
      return ended
    },
  }
}
