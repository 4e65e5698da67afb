import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { type AdminDeps, startAdminServer } from '../../src/admin/admin-server.ts'

const READY = { ready: true, policy: { revision: 'r1' }, issuers: { idp: { keys: true } } }

async function start(t: TestContext, change: Partial<AdminDeps> = {}) {
  const admin = await startAdminServer({
    listen: { port: 0 },
    live: () => true,
    ready: () => READY,
    metrics: async () => ({ contentType: 'application/openmetrics-text', body: '# EOF\n' }),
    ...change,
  })
  t.after(() => admin.stop())
  return admin
}

/** One request on a connection of its own. */
async function ask(address: string, path: string, method = 'GET') {
  const call = request(`http://${address}${path}`, { method, agent: false }).end()
  const [response] = await once(call, 'response')
  const body: string = (await response.setEncoding('utf8').toArray()).join('')
  return { status: response.statusCode, headers: response.headers, body }
}

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

  for (const path of ['/livez', '/readyz', '/metrics', '/nowhere']) {
    it(`answers HEAD ${path} like GET, without the body`, async (t) => {
      const { address } = await start(t)
      const [head, get] = [await ask(address, path, 'HEAD'), await ask(address, path)]
      assert.equal(head.status, get.status)
      assert.equal(head.body, '')
      assert.equal(head.headers['content-length'], get.headers['content-length'])
      assert.equal(head.headers['content-type'], get.headers['content-type'])
    })
  }

  it('keeps what went wrong to itself', async (t) => {
    const metrics = async () => Promise.reject(new Error('secret detail'))
    const { address } = await start(t, { metrics })
    const answer = await ask(address, '/metrics')
    assert.equal(answer.status, 500)
    assert.ok(!answer.body.includes('secret'))
  })

  it('refuses headers that are too large', async (t) => {
    const { address } = await start(t)
    const call = request(`http://${address}/livez`, {
      headers: { x: 'a'.repeat(9000) },
      agent: false,
    }).end()
    const [response] = await once(call, 'response')
    response.resume()
    assert.equal(response.statusCode, 431)
  })

  it('says which address it could not take', async (t) => {
    const { address } = await start(t)
    const port = Number(address.split(':')[1])
    await assert.rejects(start(t, { listen: { port } }), {
      message: new RegExp(`^admin: cannot listen on 127.0.0.1:${port}: .*EADDRINUSE`),
    })
  })

  it('stops although clients keep connections open, idle, silent or half asked', async (t) => {
    const { address } = await start(t)
    const admin = await start(t)
    const port = Number(admin.address.split(':')[1])
    const sockets = ['', 'GET /livez HTTP/1.1\r\nhost: x\r\n\r\n', 'GET /livez HT'].map((text) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(text)
      return socket.resume()
    })
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    await admin.stop()
    await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')))
    await assert.rejects(ask(admin.address, '/livez'))
    assert.equal((await ask(address, '/livez')).status, 200)
  })
})
