import type { AccessRequest } from '../domain/access-request.ts'
import { claimAt } from '../domain/claim.ts'
import type { Identity } from '../domain/identity.ts'
import type { DeviceEntry } from './device-file.ts'

/**
 * Who says how a device stands: a claim of the token, a header that only Envoy may set (and removes when a client sends
 * it), or a list of devices. The list answers null for a device that is not on it, undefined when it was never read.
 */
export type StandingSource =
  | { readonly claim: string }
  | { readonly header: string }
  | { readonly find: (id: string) => DeviceEntry | null | undefined }

/** A request, who makes it, and on which device. */
export type Asking = {
  readonly request: AccessRequest
  readonly identity: Identity
  /** Empty for none. */
  readonly id: string
}

/** Whether the device is trusted: not when nobody says so, and unavailable (undefined) when what is said is no answer. */
export function trustedBy(source: StandingSource, asking: Asking): boolean | undefined {
  const said = asking.id === '' ? undefined : standing(source, asking, 'trusted')
  if (said === undefined) return false
  return typeof said === 'boolean' ? said : undefined
}

/** The reputation of the device, 0 (bad) to 100 (good): 0 when nobody knows one, and unavailable as above. */
export function reputationBy(source: StandingSource, asking: Asking): number | undefined {
  const said = asking.id === '' ? undefined : standing(source, asking, 'reputation')
  if (said === undefined) return 0
  return typeof said === 'number' && said >= 0 && said <= 100 ? said : undefined
}

/** What the source says; undefined for nothing, null for what cannot be read. */
function standing(
  source: StandingSource,
  { request, identity, id }: Asking,
  member: keyof DeviceEntry,
): unknown {
  if ('find' in source) {
    const entry = source.find(id)
    return entry === undefined ? null : entry?.[member]
  }
  if ('header' in source) return fromHeader(request, source.header)
  if (identity.kind !== 'authenticated') return undefined
  return claimAt(identity.subject.claims, source.claim)
}

/** `true`, `false` or a number without sign; twice, or joined with another, it is not Envoy's alone. */
function fromHeader({ headers }: AccessRequest, name: string): unknown {
  const [text, ...more] = headers.get(name) ?? []
  if (text === undefined) return undefined
  if (more.length > 0) return null
  if (text === 'true' || text === 'false') return text === 'true'
  return /^\d{1,3}(?:\.\d{1,6})?$/.test(text) ? Number(text) : null
}
