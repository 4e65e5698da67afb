import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { request as requestTls } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { AUTHORIZATION, answerOf, GOOD, post, SECEVENT, start } from './push-world.ts'

describe('push, in trouble', () => {
  it('reads no further than a SET can be long', async (t) => {
    const { address, world, refusals } = await start(t)
    const headers = { ...SECEVENT, 'transfer-encoding': 'chunked' }
    const call = request(`http://${address}/okta`, { method: 'POST', headers, agent: false })
    call.on('error', () => {})
    call.write('x'.repeat(33_000))
    const answer = await answerOf(call)
    assert.deepEqual([answer.status, answer.headers.connection], [413, 'close'])
    call.destroy()
    assert.deepEqual(refusals, ['okta: the SET is too large'])
    assert.deepEqual(world.reports, [])
  })

  it('keeps no connection with those that are none of its transmitters', async (t) => {
    const { address } = await start(t)
    const [, port] = address.split(':')
    const asked = ['POST /other', 'GET /okta', 'POST /okta']
    for (const line of asked) {
      const socket = connect(Number(port), '127.0.0.1')
      socket.write(`${line} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`)
      const answer = Buffer.concat(await socket.toArray()).toString()
      assert.match(answer, /^HTTP\/1\.1 40[145] .*\r\nconnection: close\r\n/is, line)
    }
  })

  it('does not wait for those that send too slowly', async (t) => {
    const refused = Promise.withResolvers<string>()
    const { address } = await start(t, {
      patience: 50,
      onRefused: (_, why) => refused.resolve(why),
    })
    const [, port] = address.split(':')
    const socket = connect(Number(port), '127.0.0.1')
    t.after(() => socket.destroy())
    socket.on('error', () => {})
    const lines = ['POST /okta HTTP/1.1', 'host: x', `authorization: ${AUTHORIZATION}`]
    socket.write(
      [...lines, 'content-type: application/secevent+jwt', 'content-length: 900'].join('\r\n'),
    )
    socket.write('\r\n\r\neyJ')
    socket.resume()
    await once(socket, 'close')
    assert.equal(await refused.promise, 'the SET did not arrive as a whole')
  })

  it('speaks TLS where it has a certificate, and nothing else then', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'stepgate-signals-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const [keyFile, certFile] = [join(folder, 'key'), join(folder, 'cert')]
    const command = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout ${keyFile} -out ${certFile}`
    execFileSync('sh', ['-c', command], { stdio: 'pipe' })
    const [key, cert] = [readFileSync(keyFile, 'utf8'), readFileSync(certFile, 'utf8')]
    const { address, world } = await start(t, { tls: { key, cert } })
    const options = { method: 'POST', headers: SECEVENT, ca: cert, agent: false }
    const call = requestTls(`https://${address}/okta`, options)
    call.end(GOOD)
    assert.equal((await answerOf(call)).status, 202)
    assert.equal(world.changes.length, 1)
    await assert.rejects(post(address))
    const mistaken = start(t, { tls: { key: cert, cert } })
    await assert.rejects(mistaken, /^Error: shared_signals.tls: cannot use the certificate/)
  })

  it('says which address it could not take', async (t) => {
    const { address } = await start(t)
    const port = Number(address.split(':')[1])
    await assert.rejects(start(t, { listen: { host: '127.0.0.1', port } }), {
      message: new RegExp(`^shared signals: cannot listen on 127.0.0.1:${port}: .*EADDRINUSE`),
    })
  })

  it('stops although transmitters keep connections open, idle or half asked', async (t) => {
    const server = await start(t)
    const port = Number(server.address.split(':')[1])
    const sockets = ['', 'POST /okta HTTP/1.1\r\nhost: x\r\n', 'POST /ok'].map((text) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(text)
      return socket.resume()
    })
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    await server.stop()
    await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')))
  })
})
