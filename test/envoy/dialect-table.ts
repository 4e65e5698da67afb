import type { Decision } from '../../src/domain/decision.ts'
import type { Told } from './dialect-support.ts'
import { BAD_TOKEN, LACKS_SCOPE, NO_TOKEN, STEP_UP } from './samples.ts'

/** A level of one name, and an age. */
export const ONE_LEVEL = { ...STEP_UP, challenge: { acrValues: ['c1'], maxAge: 300, scope: [] } }
const WITH_SCOPE = {
  ...STEP_UP,
  challenge: { acrValues: ['phr', 'urn:x'], maxAge: null, scope: ['tiers', 'billing'] },
}
const TOO_OLD = {
  ...STEP_UP,
  shortfalls: ['too-old'] as const,
  challenge: { acrValues: [], maxAge: 59.9, scope: [] },
}
const SINGLE_USE = {
  ...STEP_UP,
  shortfalls: ['not-single-use'] as const,
  challenge: { acrValues: ['phr'], maxAge: 0, scope: [] },
}
const INACTIVE = { ...BAD_TOKEN, problem: 'inactive' as const }
const FORGED = { ...BAD_TOKEN, problem: 'bad-signature' as const }

const LEVEL = 'error_description="A different authentication level is required"'
const RECENT = 'error_description="A more recent authentication is required"'
const ONCE = 'error_description="A login made for this operation is required"'
const STRONGER = `Bearer realm="licensing", error="insufficient_user_authentication", ${LEVEL}`
const SCOPE =
  'Bearer realm="licensing", error="insufficient_scope", error_description="The access token lacks a required scope", scope="licenses.write tiers"'
const EXPIRED =
  'Bearer realm="licensing", error="invalid_token", error_description="The token has expired"'
const WRONG =
  'Bearer realm="licensing", error="invalid_token", error_description="The signature of the token is wrong"'
const OKTA = `Bearer realm="licensing", error="insufficient_authentication_context"`
const ENTRA =
  'Bearer realm="licensing", authorization_uri="https://login.microsoftonline.com/common/oauth2/v2.0/authorize", error="insufficient_claims"'
const C1 = 'eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiYzEifX19'
const PHR = 'eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoicGhyIn19fQ=='
const HERE = 'host=portal.example.com&return_to=%2Fv1%2Flicenses%3Ftier%3Dbusiness%26page%3D2'
const TO = 'https://portal.example.com/step-up'

/** What is asked for, the client, and the exact answer: label, status, `WWW-Authenticate` or `Location` up to its MAC. */
export const TABLE: readonly (readonly [
  string,
  Decision,
  string,
  Told['dialect'],
  number,
  string | null,
])[] = [
  ['a level', ONE_LEVEL, 'any', 'rfc9470', 401, `${STRONGER}, acr_values="c1", max_age="300"`],
  ['a level', ONE_LEVEL, 'okta', 'okta', 403, `${OKTA}, ${LEVEL}, acr_values="c1", max_age="300"`],
  ['a level', ONE_LEVEL, 'entra', 'entra', 401, `${ENTRA}, claims="${C1}", cc_type="authcontext"`],
  ['a level', ONE_LEVEL, 'redirect', 'redirect', 302, `${TO}?acr_values=c1&max_age=300&${HERE}`],
  ['a level', ONE_LEVEL, 'grpc', 'grpc', 401, `${STRONGER}, acr_values="c1", max_age="300"`],

  [
    'two, and scopes',
    WITH_SCOPE,
    'any',
    'rfc9470',
    401,
    `${STRONGER}, acr_values="phr urn:x", scope="tiers billing"`,
  ],
  [
    'two, and scopes',
    WITH_SCOPE,
    'okta',
    'okta',
    403,
    `${OKTA}, ${LEVEL}, acr_values="phr", scope="tiers billing"`,
  ],
  [
    'two, and scopes',
    WITH_SCOPE,
    'entra',
    'entra',
    401,
    `${ENTRA}, claims="${PHR}", cc_type="authcontext"`,
  ],
  [
    'two, and scopes',
    WITH_SCOPE,
    'redirect',
    'redirect',
    302,
    `${TO}?acr_values=phr+urn%3Ax&scope=tiers+billing&${HERE}`,
  ],
  [
    'two, and scopes',
    WITH_SCOPE,
    'grpc',
    'grpc',
    401,
    `${STRONGER}, acr_values="phr urn:x", scope="tiers billing"`,
  ],

  [
    'an age',
    TOO_OLD,
    'any',
    'rfc9470',
    401,
    `Bearer realm="licensing", error="insufficient_user_authentication", ${RECENT}, max_age="59"`,
  ],
  ['an age', TOO_OLD, 'okta', 'okta', 403, `${OKTA}, ${RECENT}, max_age="59"`],
  [
    'an age',
    TOO_OLD,
    'entra',
    'rfc9470',
    401,
    `Bearer realm="licensing", error="insufficient_user_authentication", ${RECENT}, max_age="59"`,
  ],
  ['an age', TOO_OLD, 'redirect', 'redirect', 302, `${TO}?max_age=59&${HERE}`],
  [
    'an age',
    TOO_OLD,
    'grpc',
    'grpc',
    401,
    `Bearer realm="licensing", error="insufficient_user_authentication", ${RECENT}, max_age="59"`,
  ],

  [
    'a login of its own',
    SINGLE_USE,
    'any',
    'rfc9470',
    401,
    `Bearer realm="licensing", error="insufficient_user_authentication", ${ONCE}, acr_values="phr", max_age="0"`,
  ],
  [
    'a login of its own',
    SINGLE_USE,
    'okta',
    'okta',
    403,
    `${OKTA}, ${ONCE}, acr_values="phr", max_age="0"`,
  ],
  [
    'a login of its own',
    SINGLE_USE,
    'redirect',
    'redirect',
    302,
    `${TO}?acr_values=phr&max_age=0&${HERE}`,
  ],

  ['a scope', LACKS_SCOPE, 'any', 'insufficient_scope', 403, SCOPE],
  ['a scope', LACKS_SCOPE, 'okta', 'insufficient_scope', 403, SCOPE],
  ['a scope', LACKS_SCOPE, 'entra', 'insufficient_scope', 403, SCOPE],
  ['a scope', LACKS_SCOPE, 'redirect', 'redirect', 302, `${TO}?scope=licenses.write+tiers&${HERE}`],
  ['a scope', LACKS_SCOPE, 'grpc', 'grpc', 403, SCOPE],

  ['a token', NO_TOKEN, 'any', 'rfc9470', 401, 'Bearer realm="licensing"'],
  ['a token', NO_TOKEN, 'okta', 'rfc9470', 401, 'Bearer realm="licensing"'],
  ['a token', NO_TOKEN, 'entra', 'rfc9470', 401, 'Bearer realm="licensing"'],
  ['a token', NO_TOKEN, 'redirect', 'redirect', 302, `${TO}?${HERE}`],
  ['a token', NO_TOKEN, 'grpc', 'grpc', 401, 'Bearer realm="licensing"'],

  ['a newer token', BAD_TOKEN, 'any', 'rfc9470', 401, EXPIRED],
  ['a newer token', BAD_TOKEN, 'okta', 'rfc9470', 401, EXPIRED],
  ['a newer token', BAD_TOKEN, 'entra', 'rfc9470', 401, EXPIRED],
  ['a newer token', BAD_TOKEN, 'redirect', 'redirect', 302, `${TO}?${HERE}`],
  ['an active token', INACTIVE, 'redirect', 'redirect', 302, `${TO}?${HERE}`],
  ['another token', FORGED, 'redirect', 'rfc9470', 401, WRONG],
]
