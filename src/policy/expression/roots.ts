import { SessionRoot, SubjectRoot } from './caller-roots.ts'
import { COUNTERS, CountersRoot } from './counters-root.ts'
import { DeviceRoot, TravelRoot } from './fact-roots.ts'
import { RequestRoot, SourceRoot, UnknownRequestRoot } from './request-roots.ts'
import { RiskRoot } from './risk-root.ts'
import type { World } from './world.ts'

/** What `evaluate` hands to CEL: the roots of every expression. */
export type Roots = {
  readonly request: RequestRoot
  readonly source: SourceRoot
  readonly subject: SubjectRoot
  readonly session: SessionRoot
  readonly device: DeviceRoot
  readonly travel: TravelRoot
  readonly risk: RiskRoot
  readonly [COUNTERS]: CountersRoot
  /** Those of the file of the rule at hand. */
  variables: object
}

/** The roots of one request, or of any request that the same caller could make. */
export function createRoots(world: World, variables: object, request: 'this' | 'any'): Roots {
  return {
    request: request === 'any' ? new UnknownRequestRoot(world) : new RequestRoot(world),
    source: new SourceRoot(world),
    subject: new SubjectRoot(world),
    session: new SessionRoot(world),
    device: new DeviceRoot(world),
    travel: new TravelRoot(world),
    risk: new RiskRoot(world),
    [COUNTERS]: new CountersRoot(world),
    variables,
  }
}
