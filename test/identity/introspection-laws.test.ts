import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createJudgeOpaque } from '../../src/identity/opaque.ts'
import { answer } from './introspection-world.ts'
import { ISSUER, NOW } from './tokens.ts'

/** For each member the values that are right, and others that are close to it. */
const VALUES: Readonly<
  Record<string, readonly [good: readonly unknown[], bad: readonly unknown[]]>
> = {
  active: [[true], [false, 'true', 1, null, [true], undefined]],
  iss: [
    [ISSUER.issuer, undefined],
    [`${ISSUER.issuer}/`, '', null, [ISSUER.issuer]],
  ],
  aud: [
    ['licensing-api', ['x', 'licensing-api']],
    ['licensing', [], ['licensing'], undefined, null, { 'licensing-api': true }],
  ],
  exp: [
    [NOW + 1, NOW + 9e6],
    [NOW - 6, 0, -1, String(NOW + 9), null, undefined, 1e300, (NOW + 9) * 1000],
  ],
  nbf: [
    [undefined, NOW, 0],
    [NOW + 60, 'x', null],
  ],
  sub: [
    ['ada', 'a b'],
    ['', ' \n', 7, null, undefined, ['ada'], 'x'.repeat(256)],
  ],
  token_type: [
    ['Bearer', 'BEARER'],
    ['DPoP', '', 'Bearer ', 'refresh_token', null, undefined, 7],
  ],
  token_use: [
    [undefined, 'access_token'],
    ['refresh_token', 'id', null, '', 1],
  ],
  typ: [
    [undefined, 'Bearer'],
    ['Refresh', 'ID', 'Offline', 'Logout'],
  ],
}

const members = fc.record(
  Object.fromEntries(
    Object.entries(VALUES).map(([name, [good, bad]]) => [
      name,
      fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...good) },
        { weight: 1, arbitrary: fc.constantFrom(...bad) },
      ),
    ]),
  ),
)

test('a token passes only when nothing in the answer speaks against it', async () => {
  let passed = 0
  await fc.assert(
    fc.asyncProperty(members, async (given) => {
      const { kind } = await judged(answer(given))
      const isGood = Object.entries(VALUES).every(([name, [good]]) =>
        good.some((value) => JSON.stringify(value) === JSON.stringify(given[name])),
      )
      assert.equal(kind === 'authenticated', isGood)
      if (isGood) passed++
    }),
    { numRuns: 1000 },
  )
  assert.ok(passed > 100)
})

test('nothing else that is JSON makes a token pass', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (body) => {
      assert.notEqual((await judged(body)).kind, 'authenticated')
    }),
    { numRuns: 500 },
  )
})

/** Each time as if it was asked for the first time. */
async function judged(body: unknown) {
  const judge = createJudgeOpaque({
    issuer: ISSUER,
    client: { id: 'stepgate', secret: 'x' },
    findEndpoint: async () => 'https://idp.example.com/ask',
    fetch: async () => Response.json(body),
    cache: 30_000,
    deadline: 100,
    now: () => NOW * 1000,
    clock: () => 0,
    schedule: () => () => undefined,
    answered: () => undefined,
    failed: () => undefined,
  })
  return judge('opaque', () => undefined)
}
