import type { AccessRequest } from '../domain/access-request.ts'
import type { CompiledPolicy, CompiledRule } from '../policy/compiled-policy.ts'
import type { PathParams } from '../policy/match/path-template.ts'

/** A rule that fits by `match`, with the path parameters that it captured. */
export type Candidate = { readonly rule: CompiledRule; readonly params: PathParams }

/** The rules whose `match` fits, sorted by id. */
export function selectCandidates(
  policy: CompiledPolicy,
  request: AccessRequest,
): readonly Candidate[] {
  return policy.rules.flatMap((rule) => {
    const params = rule.fits(request)
    return params ? [{ rule, params }] : []
  })
}
