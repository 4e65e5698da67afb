import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OfficialResponse } from '../envoy/support.ts'
import { EC, EC_OTHER, part, token } from '../identity/tokens.ts'
import { CANARY } from '../telemetry/fixtures.ts'
import { ADMIN_TOKEN, OTHER_ISSUERS, type SecretWorld, startSecretWorld } from './secret-world.ts'

const POLICY = `
version: 1
assurance:
  - { level: password, acr: { idp: ["1"] } }
  - { level: mfa, acr: { idp: ["2"], app: ["2"], web: ["2"], edge: ["2"] }, max_age: 5m }
inputs:
  body: { seats: number, note: string }
  claims: { department: string }
signals:
  - { id: long-note, when: size(request.body.note) > 1, score: 40 }
risk: { levels: { high: 30 } }
rules:
  - { id: open, match: { paths: ["/open"] }, effect: allow }
  - { id: read, match: { paths: ["/read", "/step", "/deny", "/fault"] }, when: subject.authenticated, effect: allow }
  - { id: step, match: { paths: ["/step"] }, effect: step_up, require: { level: mfa, scope: [write] } }
  - { id: deny, match: { paths: ["/deny"] }, when: subject.claims.department != "none", effect: deny, reason: not-yours }
  - { id: fault, match: { paths: ["/fault"] }, when: request.body.seats > 5.0, effect: deny }
  - { id: shadow, mode: shadow, match: { paths: ["/**"] }, when: risk.at_least("high"), effect: step_up, require: { level: mfa, max_age: 1m } }
`
/** What an audit record is there to show, besides what is no secret: by which client, and how the login was made. */
const SHOWN = [`${CANARY}-client_id`, `${CANARY}-amr`]

const PATHS = ['/open', '/read', '/step', '/deny', '/fault', '/nothing', '/%2e%2e/odd']

test('no secret leaves by a log, span, metric, answer, audit record or admin page', async () => {
  await using world = await startSecretWorld(POLICY)
  const outcomes = new Set<string>()
  for (const attributes of requests(world)) {
    const { response, call } = await world.ask(attributes)
    assert.ok(response)
    outcomes.add(outcomeOf(response))
    assertNoSecret('call', call)
    assertNoSecret('answer', JSON.stringify(withoutSubject(response)))
  }
  assert.deepEqual([...outcomes].sort(), ['allow', 'deny', 'fault', 'step_up', 'unauthenticated'])
  for (const path of ['/metrics', '/readyz', '/livez', '/policy', '/decisions', '/nothing']) {
    for (const token of [CANARY, ADMIN_TOKEN]) {
      const headers = { authorization: `Bearer ${token}` }
      assertNoSecret(path, await world.admin(path, headers))
      assertNoSecret(path, await world.admin(`${path}?token=${CANARY}`, headers))
    }
  }
  const { log, spans, audit } = await world.written()
  // The proof that these are the places: what may be there is.
  for (const word of ['"event":"decision"', '/v1/seen', 'unauthenticated'])
    assert.ok(log.includes(word))
  for (const word of ['stepgate.decide', '/v1/seen', 'not-yours']) assert.ok(spans.includes(word))
  for (const word of ['"event":"decision"', '/v1/seen', 'not-yours', '"condition":true'])
    assert.ok(audit.includes(word), word)
  assertNoSecret(
    'audit',
    SHOWN.reduce((rest, one) => rest.replaceAll(one, ''), audit),
  )
  assertNoSecret('log', log)
  assertNoSecret('spans', spans)
})

test('the search finds a secret in every spelling', () => {
  for (const secret of [CANARY, `x${CANARY}`, `xy${CANARY}y`]) {
    const bytes = Buffer.from(secret)
    for (const encoding of ['utf8', 'hex', 'base64', 'base64url'] as const) {
      const text = `{"a":"${bytes.toString(encoding)}"}`
      assert.throws(() => assertNoSecret('test', text), `${secret} in ${encoding}`)
    }
    assert.throws(() => assertNoSecret('test', secret.toUpperCase()))
  }
})

/** Every credential in every place, for every path; each also brings secrets where it has none of its own. */
function requests({ issuer }: SecretWorld): object[] {
  const plain = PATHS.flatMap((path) =>
    credentials(issuer).map((headers) => attributes(path, headers)),
  )
  const payloads = PATHS.map((path) => ({
    ...attributes(path, {}),
    metadata_context: { filter_metadata: { 'envoy.filters.http.jwt_authn': payload() } },
  }))
  return [...plain, ...payloads, attributes('/v1/seen', {})]
}

function credentials(issuer: string): Record<string, string>[] {
  const good = claims(issuer)
  const bearer = (text: string) => ({ authorization: `Bearer ${text}` })
  return [
    {},
    bearer(token(good)),
    bearer(token(good)),
    bearer(token({ ...good, sub: `${CANARY}-sub` })),
    bearer(token({ ...good, acr: '2', auth_time: good.iat, scope: 'write' })),
    bearer(token({ ...good, aud: `${CANARY}-aud` })),
    bearer(token({ ...good, exp: 1 })),
    bearer(token({ ...good, sub: [CANARY] })),
    bearer(token({ ...good, cnf: { jkt: CANARY } })),
    bearer(token({ ...good, iss: `https://${CANARY}.example` })),
    bearer(token(good, { kid: `${CANARY}-kid`, jku: `https://${CANARY}.example` })),
    bearer(token(good, { typ: CANARY })),
    bearer(token(good, { alg: CANARY })),
    bearer(token(good, { kid: EC.kid }, EC_OTHER)),
    bearer(`${token(good)}.${CANARY}`),
    bearer(`${part(CANARY)}.${part(CANARY)}.${part(CANARY)}`),
    bearer(CANARY.repeat(2000)),
    bearer(`${token(good)},Bearer ${CANARY}`),
    { authorization: `Basic ${Buffer.from(`ada:${CANARY}`).toString('base64')}` },
    { authorization: `DPoP ${CANARY}` },
    { 'x-app-token': token(claims(OTHER_ISSUERS.header)) },
    { 'x-app-token': `${CANARY}-app-token` },
    { cookie: `theme=dark; session=${token(claims(OTHER_ISSUERS.cookie))}; id=${CANARY}` },
    { cookie: `session=${CANARY}-cookie` },
    { cookie: `session=${CANARY}; session=${CANARY}` },
    { ...bearer(token(good)), 'x-app-token': token(claims(OTHER_ISSUERS.header)) },
  ]
}

/** Good claims, of which all that may be anything are secrets. */
function claims(iss: string) {
  const now = Math.floor(Date.now() / 1000)
  const known = { iss, aud: 'licensing-api', sub: 'ada', iat: now - 60, exp: now + 300, acr: '1' }
  const texts = ['department', 'email', 'name', 'jti', 'nonce', 'sid', 'client_id', 'tenant']
  const secrets = texts.map((name) => [name, `${CANARY}-${name}`] as const)
  return {
    ...known,
    amr: [`${CANARY}-amr`],
    roles: [`${CANARY}-role`],
    ...Object.fromEntries(secrets),
  }
}

/** A request with secrets in each of its parts; the path alone may be shown. */
function attributes(path: string, credential: Record<string, string>): object {
  const others = { 'x-secret': CANARY, referer: `https://x.example/?t=${CANARY}`, baggage: CANARY }
  const headers = { cookie: `other=${CANARY}`, ...others, ...credential }
  const body = JSON.stringify({ seats: CANARY, note: `${CANARY}-note`, card: CANARY })
  return {
    source: { principal: `spiffe://${CANARY}` },
    context_extensions: { secret: CANARY },
    request: {
      http: {
        id: '7',
        method: 'POST',
        host: 'licensing.example.com',
        scheme: 'https',
        protocol: 'HTTP/2',
        path: `${path}?access_token=${CANARY}&q=${CANARY}`,
        header_map: {
          headers: Object.entries({
            ...headers,
            'content-type': 'application/json',
            'x-envoy-auth-partial-body': 'false',
          }).map(([key, value]) => ({ key, raw_value: Buffer.from(value) })),
        },
        raw_body: Buffer.from(body),
      },
    },
  }
}

/** What jwt_authn leaves, in the words of the proto loader. */
function payload(): object {
  const fields: Record<string, object> = {}
  for (const [name, value] of Object.entries(claims(OTHER_ISSUERS.metadata))) {
    if (typeof value === 'string') fields[name] = { stringValue: value }
    if (typeof value === 'number') fields[name] = { numberValue: value }
  }
  return { fields: { jwt_payload: { structValue: { fields } } } }
}

function outcomeOf({ dynamic_metadata }: OfficialResponse): string {
  const { stepgate } = dynamic_metadata?.fields ?? {}
  return stepgate?.structValue?.fields.outcome?.stringValue ?? assert.fail('no outcome')
}

/** The upstream is told who calls, and nobody else is. */
function withoutSubject({ ok_response: ok, ...rest }: OfficialResponse): object {
  const headers = ok?.headers.filter(({ header }) => header.key !== 'x-stepgate-subject')
  return { ...rest, ok: { ...ok, headers } }
}

function assertNoSecret(where: string, text: string): void {
  const found = SPELLINGS.find((spelling) => spelling.test(text))
  if (found)
    assert.fail(`${where}: ${text.slice(Math.max(0, text.search(found) - 200)).slice(0, 400)}`)
}

/** As it is, in hexadecimal, and in base64 wherever in three bytes it begins, less the letters that depend on what is around. */
const SPELLINGS = [
  new RegExp(`${CANARY}|${Buffer.from(CANARY).toString('hex')}`, 'i'),
  ...[0, 1, 2].map((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), Buffer.from(CANARY)]).toString('base64url')
    return new RegExp(
      padded.slice(shift === 0 ? 0 : shift + 1, Math.floor(((shift + CANARY.length) * 8) / 6)),
    )
  }),
]
