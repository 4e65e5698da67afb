import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { answer, introspectionWorld, json } from './introspection-world.ts'

suite('the address of an issuer', () => {
  const METADATA: readonly (readonly [string, (url: string) => object, string])[] = [
    ['is found in its metadata', (url) => ({ introspection_endpoint: `${url}/ask` }), 'found'],
    ['is missing there', () => ({}), 'unavailable'],
    ['is no address', () => ({ introspection_endpoint: 'ask' }), 'unavailable'],
    [
      'is on another host without TLS',
      () => ({ introspection_endpoint: 'http://other.example.com/ask' }),
      'unavailable',
    ],
    [
      'is in the metadata of another issuer',
      (url) => ({ issuer: 'https://evil.example.com', introspection_endpoint: `${url}/ask` }),
      'unavailable',
    ],
  ]
  for (const [name, metadata, expected] of METADATA) {
    test(`${name}: ${expected}`, async () => {
      await using w = await introspectionWorld({ discover: true })
      w.state.reply = (response, question) => {
        const document = { issuer: w.url, ...metadata(w.url) }
        const found = question.path.startsWith('/.well-known/')
        json(found ? document : answer({ iss: w.url }))(response, question)
      }
      const outcome = await w.outcome()
      assert.equal(outcome, expected === 'found' ? 'authenticated' : 'unavailable')
      const posts = w.questions.filter(({ method }) => method === 'POST')
      assert.deepEqual(
        posts.map(({ path }) => path),
        expected === 'found' ? ['/ask'] : [],
      )
    })
  }

  test('is looked for again after a second, and then kept', async () => {
    await using w = await introspectionWorld({ discover: true })
    w.state.reply = json({}, 500)
    assert.equal(await w.outcome(), 'unavailable')
    assert.equal(await w.outcome(), 'unavailable')
    assert.equal(w.questions.length, 1)
    w.state.now += 1000
    w.state.reply = (response, question) => {
      const document = { issuer: w.url, introspection_endpoint: `${w.url}/ask` }
      const body = question.method === 'GET' ? document : answer({ iss: w.url })
      json(body)(response, question)
    }
    assert.equal(await w.outcome(), 'authenticated')
    assert.equal(await w.outcome('other'), 'authenticated')
    assert.equal(w.questions.filter(({ method }) => method === 'GET').length, 2)
  })
})
