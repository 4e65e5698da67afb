import type { AccessRequest } from '../domain/access-request.ts'
import type { Identity } from '../domain/identity.ts'
import type { Proven } from '../scenario/explain.ts'
import type { Explained } from './explain.ts'
import { printable } from './paint.ts'

/** What was asked, by whom, as it was understood. */
export function requestLines({ scenario, situation, explanation }: Explained): string[] {
  if (scenario.kind === 'refused') {
    const { method = 'GET', path = '/' } = situation.request ?? {}
    return [printable(`${method} ${path}`), printable(`refused before any rule: ${scenario.why}`)]
  }
  const { request, identity, now } = scenario
  const address = request.source.ip === null ? 'no address' : request.source.ip
  const at = new Date(now).toISOString()
  return [
    `${request.method} ${request.host}${request.path.text}, from ${address}, at ${at}, ${bodyText(request)}`,
    callerText(identity, explanation?.proven ?? null),
  ].map(printable)
}

function bodyText({ body }: AccessRequest): string {
  return body.kind === 'complete' ? `${body.bytes.length} bytes of body` : `body ${body.kind}`
}

function callerText(identity: Identity, proven: Proven | null): string {
  switch (identity.kind) {
    case 'anonymous':
      return 'by nobody: no token'
    case 'rejected':
      return `by nobody: the token is refused as ${identity.problem}`
    case 'unavailable':
      return `by somebody of ${identity.issuer}, whose keys are unavailable`
    case 'authenticated':
      return `${subjectText(identity.subject)}; ${loginText(identity.login, proven)}`
  }
}

function subjectText(subject: Extract<Identity, { kind: 'authenticated' }>['subject']): string {
  const { id, issuer, roles, scopes, workload } = subject
  const parts = [
    `by ${id} of ${issuer}`,
    ...(workload ? ['a program'] : []),
    ...(roles ? [`roles ${roles.join(' ') || 'none'}`] : []),
    ...(scopes ? [`scopes ${scopes.join(' ') || 'none'}`] : []),
  ]
  return parts.join(', ')
}

function loginText(
  { acr, amr }: Extract<Identity, { kind: 'authenticated' }>['login'],
  proven: Proven | null,
): string {
  const age = proven?.age ?? null
  const parts = [
    ...(acr === undefined ? [] : [`acr ${acr}`]),
    ...(amr === undefined ? [] : [`amr ${amr.join(' ')}`]),
    age === null ? 'of unknown age' : `${Math.floor(age)} s old`,
  ]
  return `login ${parts.join(', ')}: proves ${proven?.level ?? 'no level'}`
}
