import type { SubjectKey } from '../domain/settlement.ts'

/** Names a subject in this process. Lengths first: no two are written alike, whatever stands in them. */
export function subjectName({ issuer, id }: SubjectKey): string {
  return `${issuer.length} ${issuer}${id}`
}

/** Names a session of an issuer, likewise. */
export function endedName(issuer: string, session: string): string {
  return `${issuer.length} ${issuer}${session}`
}

/** Names a session of a subject, likewise. */
export function sessionName({ issuer, id }: SubjectKey, session: string): string {
  return `${issuer.length} ${id.length} ${issuer}${id}${session}`
}
