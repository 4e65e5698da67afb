import type { AccessRequest } from '../domain/access-request.ts'
import { canonicalPath } from '../domain/canonical-path.ts'
import { isSameOrigin, type Origin, originOf, splitAddress } from '../domain/origin.ts'

/**
 * True when a proof's `htu` names what was asked for (RFC 9449 §4.3): the path, compared in the form in which rules
 * compare it and without query and fragment, at the origin that Envoy saw; where there are `origins`, at one of those
 * that has the host of the request.
 */
export function namesTarget(
  htu: string,
  request: AccessRequest,
  origins: readonly Origin[],
): boolean {
  const target = splitAddress(htu)
  if (target === null || target.origin.host !== request.host) return false
  const reading = canonicalPath(target.path === '' ? '/' : target.path)
  if (reading.kind !== 'path' || reading.path.text !== request.path.text) return false
  const accepted = origins.length === 0 ? [ownOrigin(request)] : origins
  return accepted.some((origin) => isSameOrigin(origin, target.origin))
}

function ownOrigin({ scheme, host, port }: AccessRequest): Origin {
  return originOf(scheme, host, port)
}
