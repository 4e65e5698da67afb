import type { AccessRequest } from '../domain/access-request.ts'
import type { Device } from '../domain/facts.ts'
import type { Identity } from '../domain/identity.ts'
import { createDeviceId, type DeviceSource } from './device-id.ts'
import { reputationBy, type StandingSource, trustedBy } from './device-standing.ts'

/** Which device a request comes from, and how it stands. */
export type FindDevice = (request: AccessRequest, identity: Identity) => Device

/** Where that is found; null where nothing is configured that could say so. */
export type DeviceOptions = {
  /** In the order in which they are asked. */
  readonly from: readonly DeviceSource[]
  readonly trusted: StandingSource | null
  readonly reputation: StandingSource | null
}

/** Makes the function. It neither waits nor throws. */
export function createDevice({ from, trusted, reputation }: DeviceOptions): FindDevice {
  const findId = createDeviceId(from)
  return (request, identity) => {
    const id = findId(request, identity)
    const asking = { request, identity, id }
    const isTrusted = trusted === null ? undefined : trustedBy(trusted, asking)
    const score = reputation === null ? undefined : reputationBy(reputation, asking)
    return {
      id,
      ...(isTrusted === undefined ? {} : { trusted: isTrusted }),
      ...(score === undefined ? {} : { reputation: score }),
    }
  }
}
