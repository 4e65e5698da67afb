import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { request as requestTls } from 'node:https'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it, type TestContext } from 'node:test'
import { certificate } from '../support/certificate.ts'
import { ask, start } from './support.ts'

const { pem: cert, key } = certificate({ names: [['DNS', 'localhost']] })
const TLS = { cert, key: key.export({ type: 'pkcs8', format: 'pem' }).toString() }

describe('connections to the admin server', () => {
  it('speaks TLS where it has a certificate, and nothing else then', async (t) => {
    const { address } = await start(t, { tls: TLS })
    assert.equal(await askTls(address), 'ok\n')
    await assert.rejects(ask(address, '/livez'))
  })

  it('says which setting has a certificate that cannot be used', async (t) => {
    await assert.rejects(start(t, { tls: { cert: 'nonsense', key: 'nonsense' } }), {
      message: /^admin\.tls: cannot use the certificate and its key: .*PEM/,
    })
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

  for (const [kind, tls, probe] of [
    ['plain', null, async (address: string) => (await ask(address, '/livez')).body],
    ['TLS', TLS, askTls],
  ] as const) {
    it(`that are idle keep no probe waiting: ${kind}`, async (t) => {
      const { address } = await start(t, { tls })
      const sockets = await idle(t, address, 70)
      const since = performance.now()
      assert.equal(await probe(address), 'ok\n')
      assert.ok(performance.now() - since < 1000)
      await Promise.all(sockets.slice(0, 7).map((socket) => socket.closed || once(socket, 'close')))
      assert.ok(sockets.filter(({ closed }) => !closed).length > 50)
    })
  }

  it('that wait for an answer get it, however many others are idle', async (t) => {
    const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const metrics = async () => {
      asked.resolve()
      await answered.promise
      return { contentType: 'text/plain', body: 'slow' }
    }
    const { address } = await start(t, { metrics })
    const slow = ask(address, '/metrics')
    await asked.promise
    await idle(t, address, 200)
    answered.resolve()
    assert.equal((await slow).body, 'slow')
  })
})

async function askTls(address: string): Promise<string> {
  const [host, port] = address.split(':')
  const options = { host, port, path: '/livez', servername: 'localhost', ca: cert, agent: false }
  const [response] = await once(requestTls(options).end(), 'response')
  return text(response)
}

/** Opens connections that ask for nothing, one after the other. */
async function idle(t: TestContext, address: string, many: number): Promise<readonly Socket[]> {
  const sockets: Socket[] = []
  for (let number = 0; number < many; number++) {
    const socket = connect(Number(address.split(':')[1]), '127.0.0.1').resume()
    socket.on('error', () => {})
    t.after(() => socket.destroy())
    sockets.push(socket)
    await once(socket, 'connect')
  }
  return sockets
}
