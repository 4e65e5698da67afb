import type { AccessRequest } from '../domain/access-request.ts'
import type { CompiledPolicy, CompiledRule } from '../policy/compiled-policy.ts'
import type { PathParams } from '../policy/match/path-template.ts'

/** A rule that fits by `match`, with the path parameters that it captured. */
export type Candidate = { readonly rule: CompiledRule; readonly params: PathParams }

/** The rules whose `match` fits, sorted by id: those that the index names, each asked itself. */
export function selectCandidates(
  { rules, index }: CompiledPolicy,
  request: AccessRequest,
): readonly Candidate[] {
  const candidates: Candidate[] = []
  for (const number of index(request)) {
    const rule = rules[number]
    const params = rule?.fits(request)
    if (rule && params) candidates.push({ rule, params })
  }
  return candidates
}
