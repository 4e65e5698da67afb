import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Fetch, fetchBytes } from '../../src/identity/fetch-json.ts'
import { createPoller, type PollDeps } from '../../src/shared-signals/poll.ts'
import { createQueue } from '../identity/queue.ts'
import { createTimers } from '../identity/timers.ts'
import { type ReceiveWorld, receiveWorld } from './receive-world.ts'
import { RISC, STREAM, setOf } from './sets.ts'

/** What a transmitter does with one request; the sets stand by their ids. */
export type Script = (response: ServerResponse) => void

type Asked = { readonly authorization: string | undefined; readonly body: Record<string, unknown> }

/** Answers with these. */
export const sets = (all: Record<string, unknown>, more: object = {}): Script =>
  ((response) => response.end(JSON.stringify({ sets: all, ...more }))) as Script

const NONE = sets({})
/** An account that was disabled. */
export const disabled = (jti: string, more: object = {}) =>
  setOf(`${RISC}account-disabled`, {}, { jti, ...more })
/** A SET that is meant for somebody else. */
export const forOthers = disabled('x', { aud: 'https://other.example.com' })

/** A poller in front of a transmitter that does as it is told, request by request; past the end there is nothing. */
export async function pollWorld(
  scripts: readonly Script[],
  change: {
    deps?: Partial<PollDeps & { readonly fetch: Fetch }>
    world?: ReceiveWorld
    token?: string | null
  } = {},
) {
  const { world = receiveWorld(), token = 'a-token' } = change
  const { fetch: send = fetch, ...deps } = change.deps ?? {}
  const asked: Asked[] = []
  const left = [...scripts]
  const server = createServer(async (request, response) => {
    const text = (await request.setEncoding('utf8').toArray()).join('')
    asked.push({ authorization: request.headers.authorization, body: JSON.parse(text) })
    const script = left.shift() ?? NONE
    script(response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const timers = createTimers(0)
  const visits = createQueue<string | null>()
  const poller = createPoller(
    { stream: STREAM, url: `http://127.0.0.1:${port}/poll`, token, every: 60_000 },
    {
      ask: (url, request, signal) => fetchBytes(send, url, signal, request),
      receive: (_, set) => world.receive(set),
      random: () => 0,
      schedule: timers.schedule,
      onVisit: (_, problem) => visits.tell(problem),
      ...deps,
    },
  )
  return {
    ...timers,
    asked,
    world,
    poller,
    /** Lets the armed timer pass, and resolves with how the visit ended. */
    again: () => {
      timers.tick()
      return visits.next()
    },
    visited: visits.next,
    bodies: () => asked.map(({ body }) => body),
    async [Symbol.asyncDispose]() {
      await poller.stop()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
      await world[Symbol.asyncDispose]()
    },
  }
}
