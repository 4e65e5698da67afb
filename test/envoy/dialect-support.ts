import assert from 'node:assert/strict'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import type { Decision } from '../../src/domain/decision.ts'
import type { ChallengeDialect } from '../../src/domain/decision-record.ts'
import type { Identity } from '../../src/domain/identity.ts'
import { createChooseDialect, type DialectSettings } from '../../src/envoy/choose-dialect.ts'
import type { HttpRequest } from '../../src/envoy/wire.ts'
import { writeCheckResponse } from '../../src/envoy/write.ts'
import { ANONYMOUS, ada } from '../facts/asking.ts'
import { accepted, lines, NOW } from './read-support.ts'
import { UUID } from './support.ts'

/** The key that the service and the application share. */
export const KEY = 'a key of the portal and of Stepgate'
/** Where browsers are sent for a login. */
export const PAGE = 'https://portal.example.com/step-up'
/** The page that they wanted. */
export const NAVIGATION: HttpRequest = {
  host: 'portal.example.com',
  path: '/v1/licenses?tier=business&page=2',
  ...lines(
    ['sec-fetch-mode', 'navigate'],
    ['sec-fetch-dest', 'document'],
    ['accept', 'text/html,*/*;q=0.8'],
  ),
}

/** One entry a dialect, by a header of the client. */
export const SETTINGS: DialectSettings = {
  default: 'rfc9470',
  dialects: (['okta', 'entra', 'redirect'] as const).map((dialect) => ({
    when_header: { 'x-client': dialect },
    dialect,
  })),
  entra: { authorization_uri: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize' },
  redirect: {
    to: PAGE,
    hosts: ['portal.example.com', 'licensing.example.com'],
    key: Buffer.from(KEY),
    lasts: 600,
  },
}

/** When browsers are sent. */
export const MOMENT = { now: NOW, nonce: 'n-1' }

/** Chooses as the service does, at `MOMENT`. */
export const chooseDialect = createChooseDialect(SETTINGS, () => MOMENT)

/** What is on the wire, and the label of it. */
export type Told = {
  readonly dialect: ChallengeDialect | undefined
  readonly http: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The refusal that a client gets; `client` is what its header `x-client` says. */
export function tell(
  decision: Decision,
  client: string,
  { grpc = false, identity = ANONYMOUS, http = NAVIGATION }: Partial<Telling> = {},
): Told {
  const request = withHeader(accepted(http), 'x-client', client)
  const dialect = chooseDialect(request, identity)
  const about = { id: UUID, identity, headerNames: [], grpc, realm: 'licensing' }
  const written = writeCheckResponse({ decision, dialect, ...about })
  assert.ok('deniedResponse' in written.response)
  const { status, headers, body } = written.response.deniedResponse
  const pairs = headers.map(({ header }) => [header.key, header.value])
  const label = 'dialect' in written ? written.dialect : undefined
  return { dialect: label, http: status.code, headers: Object.fromEntries(pairs), body }
}

type Telling = { readonly grpc: boolean; readonly identity: Identity; readonly http: HttpRequest }

/** Somebody whose application declares these capabilities. */
export function declaring(xms_cc?: unknown): Identity {
  return ada({ issuer: 'entra', claims: xms_cc === undefined ? {} : { xms_cc } })
}

/** The request with one more header. */
export function withHeader(
  request: AccessRequest,
  name: string,
  ...values: string[]
): AccessRequest {
  return { ...request, headers: new Map([...request.headers, [name, values]]) }
}

/** Where a browser is sent without a wish; null when it is not. */
export function sentTo(http: HttpRequest, settings = SETTINGS): URL | null {
  const choose = createChooseDialect({ ...settings, default: 'redirect' }, () => MOMENT)
  const dialect = choose(accepted(http), ANONYMOUS)
  const to = dialect.name === 'redirect' ? dialect.entry(NO_WISH) : null
  return to === null ? null : new URL(to)
}

/** Any login will do. */
export const NO_WISH = { acr_values: undefined, max_age: undefined, scope: undefined }
