import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHostGuard } from '../../src/admin/guard.ts'
import type { AdminDeps } from '../../src/admin/respond.ts'
import { ask, READY, start } from './support.ts'

describe('the admin server', () => {
  it('listens on loopback unless told otherwise', async (t) => {
    const { address } = await start(t)
    assert.match(address, /^127\.0\.0\.1:[1-9]\d*$/)
  })

  const ANSWERS: [string, string, Partial<AdminDeps>, number, RegExp][] = [
    ['GET', '/livez', {}, 200, /^ok$/m],
    ['GET', '/livez?verbose', {}, 200, /^ok$/m],
    ['GET', '/livez', { live: () => false }, 503, /^not live$/m],
    ['GET', '/readyz', {}, 200, /"ready":true.*"r1"/],
    ['GET', '/readyz', { ready: () => ({ ...READY, ready: false }) }, 503, /"ready":false/],
    ['GET', '/metrics', {}, 200, /# EOF/],
    ['GET', '/policy', {}, 200, /"revision":null.*"rejected":null/],
    ['GET', '/decisions', {}, 200, /"decisions":\[\]/],
    ['GET', '/decisions?outcome=step-up', {}, 400, /allow, step_up, deny, unauthenticated, fault/],
    ['GET', '/decisions?id=', { decisions: ({ id }) => [{ id }] }, 200, /"id":""/],
    ['GET', '/decisions?limit=0', {}, 400, /whole number/],
    ['GET', '/decisions?id=URN:UUID:ABC', { decisions: ({ id }) => [{ id }] }, 200, /"id":"abc"/],
    ['GET', '/decisions?rule=urn:uuid:R', { decisions: ({ rule }) => [{ rule }] }, 200, /uuid:R"/],
    ['POST', '/policy', {}, 405, /not allowed/],
    ['PUT', '/decisions', {}, 405, /not allowed/],
    ['GET', '/', {}, 404, /not found/],
    ['GET', '/livez/', {}, 404, /not found/],
    ['GET', '/__proto__', {}, 404, /not found/],
    ['POST', '/livez', {}, 405, /not allowed/],
    ['DELETE', '/metrics', {}, 405, /not allowed/],
    ['POST', '/nowhere', {}, 404, /not found/],
  ]
  for (const [method, path, change, status, body] of ANSWERS) {
    it(`answers ${method} ${path} with ${status}`, async (t) => {
      const { address } = await start(t, change)
      const answer = await ask(address, path, method)
      assert.equal(answer.status, status)
      assert.match(answer.body, body)
      assert.equal(answer.headers['cache-control'], 'no-store')
      assert.equal(answer.headers.allow, status === 405 ? 'GET, HEAD' : undefined)
    })
  }

  for (const path of ['/livez', '/readyz', '/metrics', '/policy', '/decisions', '/nowhere']) {
    it(`answers HEAD ${path} like GET, without the body`, async (t) => {
      const { address } = await start(t)
      const [head, get] = [await ask(address, path, 'HEAD'), await ask(address, path)]
      assert.equal(head.status, get.status)
      assert.equal(head.body, '')
      assert.equal(head.headers['content-length'], get.headers['content-length'])
      assert.equal(head.headers['content-type'], get.headers['content-type'])
    })
  }

  const GUARDED: [string, string | undefined, number][] = [
    ['/metrics', undefined, 401],
    ['/metrics', 'Bearer other', 401],
    ['/metrics', 'Basic right', 401],
    ['/metrics', 'Bearer right', 200],
    ['/metrics', 'bearer  right ', 200],
    ['/metrics', 'Bearer right right', 401],
    ['/nothing', undefined, 401],
    ['/nothing', 'Bearer right', 404],
    ['/livez', undefined, 200],
    ['/readyz', undefined, 200],
  ]
  for (const [path, authorization, status] of GUARDED) {
    it(`with a token answers ${path} to ${authorization} with ${status}`, async (t) => {
      const { address } = await start(t, { token: 'right' })
      const answer = await ask(address, path, 'GET', authorization ? { authorization } : {})
      assert.equal(answer.status, status)
      const asks = answer.headers['www-authenticate']
      assert.equal(asks, status === 401 ? 'Bearer realm="stepgate-admin"' : undefined)
    })
  }

  const HOSTS: [string, string, number][] = [
    ['/metrics', '127.0.0.1:9190', 200],
    ['/metrics', '10.42.0.17:9190', 200],
    ['/metrics', '192.0.2.1', 200],
    ['/metrics', '[::1]:9190', 200],
    ['/metrics', 'localhost:9190', 200],
    ['/metrics', 'LocalHost', 200],
    ['/metrics', 'stepgate:9190', 200],
    ['/metrics', 'rebound.example:9190', 421],
    ['/policy', '127.0.0.1.rebound.example', 421],
    ['/decisions', 'rebound.example', 421],
    ['/nothing', 'rebound.example', 421],
    ['/metrics', '[rebound.example]', 421],
    ['/metrics', '127.0.0.1:9190:rebound.example', 421],
    ['/livez', 'probe.example', 200],
    ['/readyz', 'probe.example', 200],
  ]
  for (const [path, host, status] of HOSTS) {
    it(`without a token answers ${path} at ${host} with ${status}`, async (t) => {
      const { address } = await start(t)
      const answer = await ask(address, path, 'GET', { host })
      assert.equal(answer.status, status)
      if (status === 421) assert.match(answer.body, /^without admin\.token .* by address/)
      const guarded = await start(t, { token: 'right' })
      const headers = { host, authorization: 'Bearer right' }
      assert.notEqual((await ask(guarded.address, path, 'GET', headers)).status, 421)
    })
  }

  it('is found by the name that it listens on', () => {
    const guard = createHostGuard('admin.example')
    assert.equal(guard('Admin.example:9190'), true)
    for (const host of ['other.example:9190', '', undefined]) assert.equal(guard(host), false)
  })

  it('keeps what went wrong to itself', async (t) => {
    const metrics = async () => Promise.reject(new Error('secret detail'))
    const { address } = await start(t, { metrics })
    const answer = await ask(address, '/metrics')
    assert.equal(answer.status, 500)
    assert.ok(!answer.body.includes('secret'))
  })

  it('says which address it could not take', async (t) => {
    const { address } = await start(t)
    const port = Number(address.split(':')[1])
    await assert.rejects(start(t, { listen: { host: '127.0.0.1', port } }), {
      message: new RegExp(`^admin: cannot listen on 127.0.0.1:${port}: .*EADDRINUSE`),
    })
  })
})
