import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runInNewContext } from 'node:vm'
import { codeIn, documents, fencedBlocks, readDocument, tableRows } from './markdown.ts'

const AUTH0 = 'docs/providers/auth0.md'
const MULTI_FACTOR = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor'
const NAMESPACE = 'https://licensing.example.com'

const guides = documents().filter((file) => file.startsWith('docs/providers/'))

it('there is a guide for each provider, and tokens.md leads to it', () => {
  assert.deepEqual(guides.map((file) => file.replace(/^.*\//, '')).toSorted(), [
    'auth0.md',
    'entra.md',
    'keycloak.md',
    'okta.md',
  ])
  for (const file of guides)
    assert.ok(readDocument('docs/tokens.md').includes(`](${file.replace('docs/', '')})`), file)
})

for (const file of guides) {
  it(`${file} says whether it was tried`, () => {
    const [first = ''] = readDocument(file).split('\n## ')
    const tried = file.endsWith('keycloak.md')
    assert.equal(/\btried with \d/.test(first), tried)
    assert.equal(/not tried against a tenant/.test(first), !tried)
  })
}

describe('the Actions of Auth0', () => {
  const NAMES = [`${NAMESPACE}/acr`, `${NAMESPACE}/amr`, `${NAMESPACE}/auth_time`]
  const logins = [
    { methods: [['pwd', 100]], claims: ['urn:example:acr:password', ['pwd'], 100] },
    {
      methods: [
        ['pwd', 100],
        ['mfa', 160],
      ],
      claims: [MULTI_FACTOR, ['pwd', 'mfa'], 160],
    },
    {
      methods: [
        ['mfa', 160],
        ['pwd', 100],
      ],
      claims: [MULTI_FACTOR, ['mfa', 'pwd'], 160],
    },
    { methods: [], claims: [] },
    { methods: [['pwd', Number.NaN]], claims: [] },
  ] as const

  for (const { methods, claims } of logins) {
    it(`tell ${JSON.stringify(methods)} as ${JSON.stringify(claims)}`, async () => {
      const told = await tell(methods)
      assert.deepEqual(
        NAMES.flatMap((name) => told.get(name) ?? []),
        claims.flat(),
      )
      assert.equal(told.size, claims.length === 0 ? 0 : 4)
    })
  }

  for (const { wished, done, asks } of [
    { wished: [MULTI_FACTOR], done: ['pwd'], asks: true },
    { wished: [MULTI_FACTOR], done: ['pwd', 'mfa'], asks: false },
    { wished: ['urn:example:acr:other'], done: ['pwd'], asks: false },
    { wished: undefined, done: ['pwd'], asks: false },
  ]) {
    it(`ask for a second factor: ${asks}, after ${done} for ${wished}`, async () => {
      let asked = false
      const authentication = { methods: done.map((name) => ({ name })) }
      const challengeWithAny = () => {
        asked = true
      }
      const event = { authentication, transaction: wished && { acr_values: wished } }
      await action('ask')(event, { authentication: { challengeWithAny } })
      assert.equal(asked, asks)
    })
  }

  it('write the claims that the settings read', () => {
    const settings = fencedBlocks(AUTH0).find(({ text }) => text.startsWith('issuers:'))
    const read = [...(settings?.text ?? '').matchAll(/(https:\/\/licensing\.example\.com\/\w+)/g)]
    const written = [...blockOf('tell').matchAll(/\$\{NAMESPACE\}(\/\w+)/g)]
    assert.deepEqual(
      read.map(([name]) => name),
      written.map(([, name]) => `${NAMESPACE}${name}`),
    )
  })
})

it('the values of Okta that the guide explains are on its ladder', () => {
  const ladder = fencedBlocks('docs/providers/okta.md').find(({ text }) => text.startsWith('assur'))
  const named = tableRows('docs/providers/okta.md', 'Okta').flatMap(([cell]) => codeIn(cell))
  for (const value of named.filter((text) => text.startsWith('urn:okta:')))
    assert.ok(ladder?.text.includes(`"${value}"`), value)
})

async function tell(methods: readonly (readonly [string, number])[]) {
  const told = new Map<string, unknown>()
  const setCustomClaim = (name: string, value: unknown) => told.set(name, value)
  const entries = methods.map(([name, seconds]) => {
    const timestamp = Number.isNaN(seconds) ? 'soon' : new Date(seconds * 1000 + 1).toISOString()
    return { name, timestamp }
  })
  const event = { authentication: { methods: entries }, authorization: { roles: ['manager'] } }
  await action('tell')(event, { accessToken: { setCustomClaim } })
  // Values of another context have prototypes of their own.
  return new Map([...told].map(([name, value]) => [name, structuredClone(value)]))
}

type Action = (event: object, api: object) => Promise<void>

function action(mark: string): Action {
  const exports: { onExecutePostLogin?: Action } = {}
  runInNewContext(blockOf(mark), { exports })
  assert.ok(exports.onExecutePostLogin)
  return exports.onExecutePostLogin
}

function blockOf(mark: string): string {
  const found = fencedBlocks(AUTH0).find((block) => block.language === 'js' && block.mark === mark)
  assert.ok(found, mark)
  return found.text
}
