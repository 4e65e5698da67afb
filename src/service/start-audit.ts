import type { Entry } from '../audit/chain.ts'
import { createFormDecision, type FormDecision } from '../audit/decision-entry.ts'
import type { AuditFs } from '../audit/file-sink.ts'
import { createKeep } from '../audit/keep.ts'
import { type Audit, type AuditProblem, openAudit } from '../audit/open-audit.ts'
import { createPseudonyms, readPseudonymKey } from '../audit/pseudonym.ts'
import { gapEntry } from '../audit/queue.ts'
import { type AppliedEvent, createFormSecurityEvent } from '../audit/security-event-entry.ts'
import { startEntry, stopEntry } from '../audit/service-entries.ts'
import { createSigner } from '../audit/signer.ts'
import type { LineStream } from '../audit/stream-sink.ts'
import type { Decision } from '../domain/decision.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import type { AuditKeys, Secrets } from '../settings/read-secrets.ts'
import type { Settings } from '../settings/read-settings.ts'
import type { Events } from '../telemetry/events.ts'

/** What the audit record needs of the world around the service. */
export type AuditDeps = {
  readonly settings: Pick<Settings, 'audit'>
  readonly secrets: Pick<Secrets, 'audit'>
  readonly lifecycle: Lifecycle
  readonly events: Events
  readonly version: string
  /** Names this process. */
  readonly instance: string
  /** Where `to: stdout` leads; opened when it is wanted. */
  readonly stdout: () => LineStream
  /** Why the service stops, as far as it is known by then. */
  readonly stopReason: () => string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
  readonly random: () => number
  readonly newId: () => string
  readonly fs?: AuditFs
}

/** An open audit record. */
export type RunningAudit = {
  /** False while nothing may be decided, since it could not be recorded. */
  readonly healthy: () => boolean
  readonly problem: () => AuditProblem | null
  /** Calls when either has changed. */
  readonly watch: (changed: () => void) => void
  readonly wants: (decision: Decision) => boolean
  readonly record: (...about: Parameters<FormDecision>) => void
  /** Puts what is no decision into the record. */
  readonly tell: (entry: Entry) => void
  readonly tellSecurityEvent: (applied: AppliedEvent) => void
}

type AuditSettings = NonNullable<Settings['audit']>

/** Milliseconds for what waits to be written when the service stops. */
const DEADLINE = 5000

/** Opens the record that the settings want; without one everything may be decided and nothing is recorded. */
export async function startAudit(deps: AuditDeps): Promise<RunningAudit> {
  const { settings, secrets, lifecycle, version, stopReason } = deps
  if (settings.audit === undefined || secrets.audit === null) return NO_AUDIT
  const listeners: (() => void)[] = []
  const audit = await open(deps, settings.audit, secrets.audit, () => {
    for (const changed of listeners) changed()
  })
  audit.append(startEntry(version, settings.audit.records, settings.audit.mask))
  const stop = () => {
    audit.append(stopEntry(stopReason()))
    return audit.stop()
  }
  const { healthy, problem, unwritten: lost } = audit
  lifecycle.started({ name: 'audit record', stop, deadline: DEADLINE, lost })
  return {
    healthy,
    problem,
    watch: (changed) => void listeners.push(changed),
    ...recording(deps, settings.audit, secrets.audit, audit),
  }
}

const NO_AUDIT: RunningAudit = {
  healthy: () => true,
  problem: () => null,
  watch: () => {},
  wants: () => false,
  record: () => {},
  tell: () => {},
  tellSecurityEvent: () => {},
}

function open(
  { stdout, events, instance, newId, now, clock, fs }: AuditDeps,
  settings: AuditSettings,
  { signing }: AuditKeys,
  changed: () => void,
): Promise<Audit> {
  return openAudit({
    to: settings.to === 'stdout' ? stdout() : settings.to,
    instance,
    newChainId: newId,
    signer: signing === null ? null : createSigner(signing),
    whenUnwritable: settings.when_unwritable,
    syncEvery: settings.sync_every * 1000,
    rotateBytes: settings.rotate_bytes ?? null,
    now,
    clock,
    onProblem: (problem) => {
      events.auditProblem(problem)
      changed()
    },
    onCheckpoint: events.auditCheckpoint,
    ...(fs && { fs }),
  })
}

function recording(
  { events, random, now }: AuditDeps,
  { records, mask }: AuditSettings,
  keys: AuditKeys,
  audit: Audit,
): Pick<RunningAudit, 'wants' | 'record' | 'tell' | 'tellSecurityEvent'> {
  const pseudonyms = createPseudonyms(readPseudonymKey(keys.pseudonyms))
  const form = createFormDecision(pseudonyms, mask)
  const formSecurityEvent = createFormSecurityEvent(pseudonyms, mask)
  const isKept = createKeep(records, random)
  return {
    wants: (decision) => {
      const isWanted = isKept(decision)
      if (!isWanted) events.auditRecord('not-kept')
      return isWanted
    },
    record: (record, context) => {
      let isTaken = false
      try {
        isTaken = audit.append(form(record, context))
      } catch (error) {
        const at = now()
        audit.append(gapEntry({ cause: 'not-formed', count: 1, since: at, until: at }))
        throw error
      } finally {
        events.auditRecord(isTaken ? 'recorded' : 'dropped')
      }
    },
    tell: (entry) => void audit.append(entry),
    tellSecurityEvent: (applied) => void audit.append(formSecurityEvent(applied)),
  }
}
