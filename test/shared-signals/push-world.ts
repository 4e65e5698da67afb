import { once } from 'node:events'
import { request } from 'node:http'
import type { TestContext } from 'node:test'
import { type HttpServerOptions, startHttpServer } from '../../src/runtime/http-server.ts'
import { createPush, type PushDeps } from '../../src/shared-signals/push.ts'
import { receiveWorld } from './receive-world.ts'
import { CAEP, STREAM, setOf } from './sets.ts'

export const AUTHORIZATION = 'Bearer the-secret-of-the-stream'
export const SECEVENT = { 'content-type': 'application/secevent+jwt', authorization: AUTHORIZATION }
export const GOOD = setOf(`${CAEP}session-revoked`)

type Change = Partial<PushDeps & Pick<HttpServerOptions, 'listen' | 'tls' | 'patience'>>

/** A listener in front of a real receiver. */
export async function start(t: TestContext, change: Change = {}) {
  const world = receiveWorld()
  const refusals: string[] = []
  const push = createPush({
    streams: [{ stream: STREAM, path: '/okta', authorization: AUTHORIZATION }],
    receive: (_, set) => world.receive(set),
    onRefused: (stream, reason) => refusals.push(`${stream}: ${reason}`),
    ...change,
  })
  const server = await startHttpServer({
    ...{ name: 'shared signals', tlsSetting: 'shared_signals.tls' },
    ...{ listen: { host: '127.0.0.1', port: 0 }, tls: null },
    respond: (request, response) => void push(request, response),
    ...change,
  })
  t.after(async () => {
    await server.stop()
    await world[Symbol.asyncDispose]()
  })
  return { ...server, world, refusals }
}

export type Asked = {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** One request on a connection of its own. */
export async function post(address: string, asked: Asked = {}) {
  const { method = 'POST', path = '/okta', headers = SECEVENT, body = GOOD } = asked
  const call = request(`http://${address}${path}`, { method, headers, agent: false })
  call.on('error', () => {})
  call.end(body)
  return answerOf(call)
}

export async function answerOf(call: ReturnType<typeof request>) {
  const [response] = await once(call, 'response')
  const text: string = (await response.setEncoding('utf8').toArray()).join('')
  return { status: response.statusCode, headers: response.headers, text }
}
