/** A refusal in what is worth a line of a program's log. */
export type Refusal = {
  readonly status: number
  /** The reason in the body; null where there is none, as in Envoy's own answers. */
  readonly reason: string | null
  readonly detail: string | null
  /** What the operator asks for: it leads to the rule that decided. */
  readonly decisionId: string | null
  /** What a program that has nobody to log in can do about it. */
  readonly remedy: 'none' | 'new-token' | 'later'
  /** Seconds after which `later` is. */
  readonly retryAfter: number | null
}

/** Reads a refusal, and its body with it; null for an answer that is none: a status below 400, or of the API itself. */
export async function readRefusal(response: Response): Promise<Refusal | null> {
  const { status, headers } = response
  const decisionId = headers.get('x-stepgate-decision-id')
  if (status < 400 || (decisionId === null && status !== 503)) return null
  const { reason = null, detail = null } = await problemIn(response)
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  const retryAfter = Number.isFinite(seconds) ? seconds : null
  return { status, reason, detail, decisionId, remedy: remedyFor(status, reason), retryAfter }
}

/** A challenge asks for a person, and a program has none: for it only a token that has ended can be mended. */
function remedyFor(status: number, reason: string | null): Refusal['remedy'] {
  if (status === 503) return 'later'
  return reason === 'invalid_token' || reason === 'unauthenticated' ? 'new-token' : 'none'
}

type Problem = { readonly reason?: string; readonly detail?: string }

async function problemIn(response: Response): Promise<Problem> {
  const type = response.headers.get('content-type') ?? ''
  if (!type.startsWith('application/problem+json')) return {}
  const problem = (await response.json().catch(() => null)) as Problem | null
  return problem ?? {}
}
