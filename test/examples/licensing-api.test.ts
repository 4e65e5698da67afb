import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parse } from 'yaml'
import { ROUTES } from '../../examples/licensing-api/routes.ts'
import { type LicensingApi, startLicensingApi } from '../../examples/licensing-api/server.ts'
import { CASES } from './licensing-cases.ts'

describe('the licensing API', () => {
  let api: LicensingApi
  before(async () => {
    api = await startLicensingApi({ port: 0 })
  })
  after(() => api.stop())

  async function send(method: string, path: string, body?: unknown, headers = {}) {
    const json = body === undefined ? {} : { body: JSON.stringify(body) }
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    return await fetch(api.url + path, { method, ...json, headers: { ...type, ...headers } })
  }

  for (const [name, method, path, body, status, answer] of CASES) {
    test(name, async () => {
      const response = await send(method, path, body)
      assert.equal(response.status, status)
      const problem = response.headers.get('content-type') === 'application/problem+json'
      assert.equal(problem, status >= 400)
      assert.partialDeepStrictEqual(await response.json(), answer)
    })
  }

  test('says which methods there are', async () => {
    const response = await send('PATCH', '/v1/licenses/L-1')
    assert.equal(response.status, 405)
    assert.equal(response.headers.get('allow'), 'GET, DELETE')
  })

  test('refuses a body that is not JSON', async () => {
    const headers = { 'content-type': 'application/json' }
    const url = `${api.url}/v1/licenses/L-1/tier`
    const broken = await fetch(url, { method: 'PUT', body: '{', headers })
    assert.equal(broken.status, 400)
    const form = await fetch(url, { method: 'PUT', body: 'tier=team' })
    assert.equal(form.status, 415)
    const large = await fetch(url, { method: 'PUT', body: `"${'x'.repeat(70_000)}"`, headers })
    assert.equal(large.status, 413)
  })

  test('shows which headers it got from Stepgate, notes the subject, and counts requests', async () => {
    const before = api.requests()
    const headers = { 'X-Stepgate-Subject': 'ada', x_stepgate_level: 'high', 'x-other': '1' }
    const response = await send('POST', '/v1/licenses/L-1/renew', undefined, headers)
    assert.partialDeepStrictEqual(await response.json(), {
      license: { changedBy: 'ada' },
      seen: { 'x-stepgate-subject': ['ada'], x_stepgate_level: ['high'] },
    })
    assert.equal(api.requests(), before + 1)
  })

  test('openapi.yaml describes exactly what it serves', async () => {
    const file = join(import.meta.dirname, '../../examples/licensing-api/openapi.yaml')
    const { paths } = parse(await readFile(file, 'utf8')) as { paths: Record<string, object> }
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations)
        .filter((key) => key !== 'parameters')
        .map((method) => `${method.toUpperCase()} ${path}`),
    )
    const served = ROUTES.map(({ method, path }) => `${method} ${path}`)
    assert.deepEqual(described.toSorted(), served.toSorted())
  })
})
