import type { EventDeps } from './events.ts'
import type { AuditResult } from './metrics.ts'

/** What happens to the audit record and to what belongs to it. */
export type AuditEvents = {
  auditRecord(result: AuditResult): void
  /** The record cannot be kept as it should be, and why; null: all is well again. */
  auditProblem(problem: { readonly kind: string; readonly message: string } | null): void
  /** A place in the record, told to whoever collects logs: it proves later that nothing up to it was changed. */
  auditCheckpoint(head: {
    readonly chain: string
    readonly seq: number
    readonly hash: string
  }): void
  /** The text of a policy could not be kept for `stepgate explain`. */
  revisionNotKept(revision: string, error: unknown): void
  /** Others than this machine can reach the admin port, and not all is done to keep them out. */
  adminOpen(address: string, lacks: 'token' | 'tls'): void
}

/** Creates the functions that report them. */
export function auditEvents({ log, metrics }: EventDeps): AuditEvents {
  return {
    auditRecord: (result) => metrics.auditRecord(result),
    auditProblem: (problem) => {
      metrics.auditUp(problem === null)
      if (problem === null) log.info({ event: 'audit-well' })
      else log.error({ event: 'audit-problem', kind: problem.kind, reason: problem.message })
    },
    auditCheckpoint: ({ chain, seq, hash }) =>
      log.info({ event: 'audit-checkpoint', chain, seq, hash }),
    revisionNotKept: (revision, error) =>
      log.warn({ event: 'revision-not-kept', revision, reason: reasonOf(error) }),
    adminOpen: (address, lacks) => log.warn({ event: 'admin-open', address, lacks }),
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
