import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startChild } from '../../demo/child.ts'
import { startEnvoy } from '../../demo/envoy.ts'
import { findEnvoy } from '../../demo/envoy-binary.ts'
import { parseAddress } from '../../demo/envoy-config.ts'
import { createJournal } from '../../demo/journal.ts'
import { readVisit } from '../../examples/client/step-up-page.ts'
import { startLicensingApi } from '../../examples/licensing-api/server.ts'
import { EC, jwk, token } from '../identity/tokens.ts'
import { sendRaw } from './raw-request.ts'

const HOST = 'licensing.example.com'
const ISSUER = 'https://idp.example.com'
const KEY = 'a key of the portal and of Stepgate'
const NAVIGATION = ['sec-fetch-mode', 'navigate', 'sec-fetch-dest', 'document']
const PAGE = '/v1/licenses?tier=business'

const POLICY = `version: 1
assurance: [{ level: password, acr: { idp: ["1"] } }, { level: mfa, acr: { idp: ["2"] } }]
rules:
  - { id: all, match: { paths: ["/**"] }, when: subject.authenticated, effect: allow, require: { level: mfa } }
`

describe('a browser without a script, through Envoy', () => {
  const started = new AsyncDisposableStack()
  let url: string
  before(async () => {
    url = await start(started)
  })
  after(() => started.disposeAsync())

  const open = (acr: string | null) =>
    sendRaw(url, PAGE, [
      ...NAVIGATION,
      ...(acr === null ? [] : ['cookie', `session=${bearer(acr)}`]),
    ])

  for (const [login, acr, wish] of [
    ['no login', null, {}],
    ['a weak login', '1', { acrValues: '2' }],
  ] as const) {
    test(`${login}: sent to the step-up page, which knows what for and where back to`, async () => {
      const { status, headers } = await open(acr)
      assert.equal(status, 302)
      assert.equal(headers['www-authenticate'], undefined)
      const { origin, pathname, searchParams } = new URL(headers.location ?? '')
      assert.equal(origin + pathname, 'https://portal.example.com/step-up')
      const visit = readVisit(searchParams, { key: KEY, origins: [`https://${HOST}`] }, Date.now())
      assert.deepEqual(visit, { wish, returnTo: new URL(PAGE, `https://${HOST}`) })
    })
  }

  test('a login that is enough gets the page', async () => {
    assert.equal((await open('2')).status, 200)
  })

  test('a script on the page is told, and not sent away', async () => {
    const { status, headers } = await sendRaw(url, PAGE, ['cookie', `session=${bearer('1')}`])
    assert.equal(status, 401)
    assert.match(headers['www-authenticate'] ?? '', /acr_values="2"/)
    assert.equal(headers.location, undefined)
  })
})

/** Stepgate with a redirect in its settings, an API and Envoy; the address of Envoy. */
async function start(started: AsyncDisposableStack): Promise<string> {
  const binary = await findEnvoy({ env: process.env, say: () => {}, signal: undefined })
  const api = started.adopt(await startLicensingApi({ port: 0 }), ({ stop }) => stop())
  const folder = await mkdtemp(join(tmpdir(), 'stepgate-redirect-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'policy.yaml'), POLICY)
  await writeFile(join(folder, 'stepgate.yaml'), settings(folder))
  const journal = createJournal()
  const child = await startChild({
    command: process.execPath,
    args: [join(import.meta.dirname, '../../src/main.ts')],
    env: {
      PATH: process.env.PATH,
      STEPGATE_CONFIG: join(folder, 'stepgate.yaml'),
      REDIRECT_KEY: KEY,
    },
    onLine: journal.add,
  })
  started.defer(child.stop)
  const ready = await journal.find(({ event }) => event === 'ready', { limit: 15_000 })
  const clusters = {
    stepgate: parseAddress(String(ready.grpc)),
    'licensing-api': parseAddress(api.address),
  }
  const envoy = started.adopt(await startEnvoy({ binary, clusters }), ({ stop }) => stop())
  return envoy.url
}

function settings(folder: string): string {
  const idp = {
    issuer: ISSUER,
    audiences: ['licensing-api'],
    keys: { static: { keys: [jwk(EC)] } },
    token: { cookie: 'session' },
  }
  return `
listen: { grpc: 127.0.0.1:0 }
admin: { http: 127.0.0.1:0 }
policy: ${JSON.stringify(join(folder, 'policy.yaml'))}
issuers: ${JSON.stringify({ idp })}
challenge:
  default: redirect
  redirect: { to: "https://portal.example.com/step-up", hosts: [${HOST}], key: "env:REDIRECT_KEY" }
`
}

function bearer(acr: string): string {
  const seconds = Math.floor(Date.now() / 1000)
  const times = { auth_time: seconds - 60, iat: seconds - 60, exp: seconds + 300 }
  return token({ iss: ISSUER, aud: 'licensing-api', sub: 'ada', acr, ...times })
}
