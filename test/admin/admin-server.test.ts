import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { request as requestTls } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { type AdminDeps, startAdminServer } from '../../src/admin/admin-server.ts'

const READY = { ready: true, policy: { revision: 'r1' }, issuers: { idp: { keys: true } } }

async function start(t: TestContext, change: Partial<AdminDeps> = {}) {
  const admin = await startAdminServer({
    listen: { port: 0 },
    live: () => true,
    ready: () => READY,
    metrics: async () => ({ contentType: 'application/openmetrics-text', body: '# EOF\n' }),
    policy: () => ({ current: null, rejection: null }),
    decisions: () => [],
    ...change,
  })
  t.after(() => admin.stop())
  return admin
}

/** One request on a connection of its own. */
async function ask(
  address: string,
  path: string,
  method = 'GET',
  headers: Record<string, string> = {},
) {
  const call = request(`http://${address}${path}`, { method, headers, agent: false }).end()
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
    ['GET', '/policy', {}, 200, /"revision":null.*"rejected":null/],
    ['GET', '/decisions', {}, 200, /"decisions":\[\]/],
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

  it('speaks TLS where it has a certificate, and nothing else then', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'stepgate-admin-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const [keyFile, certFile] = [join(folder, 'key'), join(folder, 'cert')]
    const command = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout ${keyFile} -out ${certFile}`
    execFileSync('sh', ['-c', command], { stdio: 'pipe' })
    const [key, cert] = [readFileSync(keyFile, 'utf8'), readFileSync(certFile, 'utf8')]
    const { address } = await start(t, { tls: { cert, key } })
    const call = requestTls(`https://${address}/livez`, { ca: cert, agent: false }).end()
    const [response] = await once(call, 'response')
    assert.equal((await response.setEncoding('utf8').toArray()).join(''), 'ok\n')
    await assert.rejects(ask(address, '/livez'))
  })

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
