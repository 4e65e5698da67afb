import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Client, credentials, Metadata } from '@grpc/grpc-js'
import { service as healthService } from 'grpc-health-check'
import { createCheck } from '../../src/envoy/check.ts'
import { AUTHORIZATION, SERVICE } from '../../src/envoy/codec.ts'
import { type RunningServer, type ServerSettings, startServer } from '../../src/envoy/server.ts'
import { decodeOfficial, encodeOfficial, PLAIN, rooms } from './support.ts'

const REQUEST = encodeOfficial({ attributes: { request: { http: PLAIN } } })
const { Check: healthCheck, Watch: healthWatch } = healthService

type Use = (server: RunningServer, client: Client) => Promise<void>

async function withServer(use: Use, settings: Partial<ServerSettings> = {}): Promise<void> {
  const check = createCheck(rooms())
  const server = await startServer({ listen: '127.0.0.1:0', check, ...settings })
  const client = new Client(server.address, credentials.createInsecure())
  try {
    await use(server, client)
  } finally {
    client.close()
    await server.stop(0)
  }
}

function call(client: Client, bytes: Uint8Array, metadata = new Metadata()): Promise<Uint8Array> {
  const { path } = AUTHORIZATION.Check
  return new Promise((resolve, reject) => {
    const pass = (message: Buffer) => message
    client.makeUnaryRequest(path, pass, pass, Buffer.from(bytes), metadata, (error, reply) =>
      reply === undefined ? reject(error) : resolve(reply),
    )
  })
}

function health(client: Client, name: string): Promise<unknown> {
  const { path, requestSerialize, responseDeserialize } = healthCheck ?? assert.fail()
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { service: name },
      (error, reply) => (reply === undefined ? reject(error) : resolve(reply)),
    )
  })
}

function watch(client: Client) {
  const { path, requestSerialize, responseDeserialize } = healthWatch ?? assert.fail()
  const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {
    service: SERVICE,
  })
  stream.on('error', () => undefined)
  return stream
}

test('Check answers over gRPC, with the metadata of the call at hand', async () => {
  const seen: (string | undefined)[] = []
  const observe = (carrier: (name: string) => string | undefined) => {
    seen.push(carrier('traceparent'), carrier('absent'))
    return { stage: () => undefined, answered: () => undefined, decided: () => undefined }
  }
  await withServer(
    async (_server, client) => {
      const metadata = new Metadata()
      metadata.set('traceparent', '00-1-2-01')
      const { status } = decodeOfficial(await call(client, REQUEST, metadata))
      assert.equal(status?.code, 7)
      assert.deepEqual(seen, ['00-1-2-01', undefined])
    },
    { check: createCheck(rooms({ observe })) },
  )
})

test('malformed bytes get an answer, not an RPC error', async () => {
  await withServer(async (_server, client) => {
    for (const bytes of [Buffer.from([0xff, 0xff]), Buffer.alloc(0)]) {
      const { status } = decodeOfficial(await call(client, bytes))
      assert.ok([7, 14].includes(status?.code ?? 0))
    }
  })
})

test('a check that rejects is refused as a fault, and logged', async () => {
  const logged: string[] = []
  const log = (line: string) => void logged.push(line)
  const check = () => Promise.reject(new Error('boom'))
  await withServer(
    async (_server, client) => {
      assert.equal(decodeOfficial(await call(client, REQUEST)).status?.code, 14)
      assert.match(logged.join(), /boom/)
    },
    { check, log },
  )
})

test('health starts as not serving and follows', async () => {
  await withServer(async (server, client) => {
    for (const name of ['', SERVICE]) {
      assert.deepEqual(await health(client, name), { status: 'NOT_SERVING' })
    }
    server.setServing(true)
    for (const name of ['', SERVICE]) {
      assert.deepEqual(await health(client, name), { status: 'SERVING' })
    }
  })
})

test('stop tells watchers, lets a call in flight finish, and ends within the grace', async () => {
  const entered = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const identify = async () => {
    entered.resolve()
    await release.promise
    return { kind: 'anonymous' } as const
  }
  await withServer(
    async (server, client) => {
      server.setServing(true)
      const stream = watch(client)
      const cut = once(stream, 'error')
      assert.deepEqual(await once(stream, 'data'), [{ status: 'SERVING' }])
      const inFlight = call(client, REQUEST)
      await entered.promise
      const told = once(stream, 'data')
      const started = performance.now()
      const stopped = server.stop(300)
      assert.equal(server.stop(60_000), stopped)
      assert.deepEqual(await told, [{ status: 'NOT_SERVING' }])
      release.resolve()
      assert.equal(decodeOfficial(await inFlight).status?.code, 7)
      await stopped
      await cut
      assert.ok(performance.now() - started < 2000)
    },
    { check: createCheck(rooms({ identify })) },
  )
})

test('stop without open calls does not wait for the grace', async () => {
  await withServer(async (server, client) => {
    await call(client, REQUEST)
    const started = performance.now()
    await server.stop(60_000)
    assert.ok(performance.now() - started < 5000)
  })
})

test('a Unix socket is open to the group, replaces a stale one and takes over no other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-'))
  const path = join(folder, 'stepgate.sock')
  try {
    leaveStaleSocket(path)
    await withServer(
      async (server, client) => {
        assert.equal(server.address, `unix:${path}`)
        assert.equal(statSync(path).mode & 0o777, 0o660)
        assert.equal(decodeOfficial(await call(client, REQUEST)).status?.code, 7)
        const second = { listen: `unix:${path}`, check: createCheck(rooms()) }
        await assert.rejects(startServer(second), /another process is listening/)
      },
      { listen: `unix:${path}` },
    )
    writeFileSync(path, 'precious')
    const third = { listen: `unix:${path}`, check: createCheck(rooms()) }
    await assert.rejects(startServer(third), /not a socket/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('an occupied port is an error that names the setting', async () => {
  await withServer(async ({ address }) => {
    const second = { listen: address, check: createCheck(rooms()) }
    await assert.rejects(
      startServer(second),
      /cannot listen on 127\.0\.0\.1:\d+ \(listen\.grpc\): .*EADDRINUSE/,
    )
  })
})

/** A socket file that nobody answers on, as a killed process leaves it. */
function leaveStaleSocket(path: string): void {
  const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', program])
  assert.ok(statSync(path).isSocket())
}
