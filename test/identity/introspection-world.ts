import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import type { Identity } from '../../src/domain/identity.ts'
import { createIdentify, type VerificationResult } from '../../src/identity/identify.ts'
import { createFindEndpoint } from '../../src/identity/introspection-endpoint.ts'
import type { Issuer } from '../../src/identity/issuer.ts'
import { createJudgeOpaque } from '../../src/identity/opaque.ts'
import type { ProvePossession } from '../../src/identity/possession.ts'
import { createTokenCache } from '../../src/identity/token-cache.ts'
import { outcomeOf } from './dpop-world.ts'
import { createQueue } from './queue.ts'
import { ISSUER, NOW, request } from './tokens.ts'
import { KEYS } from './world.ts'

/** What was sent to the issuer. */
export type Question = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: URLSearchParams
}

/** What it does with a question. */
export type Reply = (response: ServerResponse, question: Question) => void

/** An issuer that is asked, and an identify that asks it, with a clock and deadlines in the hands of the test. */
export type World = AsyncDisposable & {
  readonly url: string
  readonly questions: readonly Question[]
  readonly results: readonly VerificationResult[]
  readonly failures: readonly string[]
  readonly state: { now: number; reply: Reply }
  /** Waits for the next question to arrive. */
  readonly asked: () => Promise<void>
  /** Every deadline that is running comes. */
  readonly deadline: () => void
  readonly identify: (authorization: string) => Promise<Identity>
  readonly ask: (asked: AccessRequest) => Promise<Identity>
  /** The outcome of a bearer token. */
  readonly outcome: (token?: string) => Promise<string>
  readonly forget: (subject: string) => void
}

/** What differs from world to world. */
export type WorldOptions = {
  readonly issuer?: Partial<Issuer>
  /** Milliseconds. */
  readonly cache?: number
  /** The address is to be found in the metadata. */
  readonly discover?: boolean
  /** What of the endpoint follows the address of the server. */
  readonly path?: string
  readonly provePossession?: ProvePossession
}

export const OPAQUE = 'b3BhcXVl-1'
export const CLIENT = { id: 'step gate', secret: 'canary:s%cret+/=' }

/** What the issuer says of a good token; undefined leaves a member out. */
export function answer(change: object = {}): object {
  return {
    active: true,
    iss: ISSUER.issuer,
    aud: 'licensing-api',
    sub: 'ada',
    token_type: 'Bearer',
    exp: NOW + 300,
    ...change,
  }
}

export async function introspectionWorld(options: WorldOptions = {}): Promise<World> {
  const state: World['state'] = { now: NOW * 1000, reply: json(answer()) }
  const server = await startServer(state)
  const issuer: Issuer = { ...ISSUER, ...options.issuer }
  const [results, failures]: [VerificationResult[], string[]] = [[], []]
  const deadlines = new Set<() => void>()
  const now = () => state.now
  const endpoint = `${server.url}${options.path ?? '/introspect'}`
  const discovered = createFindEndpoint({ issuer: server.url, fetch, clock: now })
  const judge = createJudgeOpaque({
    issuer: options.discover ? { ...issuer, issuer: server.url } : issuer,
    client: CLIENT,
    findEndpoint: options.discover ? discovered : async () => endpoint,
    fetch,
    cache: options.cache ?? 30_000,
    deadline: 100,
    now,
    clock: now,
    schedule: (_, callback) => {
      deadlines.add(callback)
      return () => void deadlines.delete(callback)
    },
    answered: () => undefined,
    failed: (error) => failures.push(String(error)),
  })
  const cache = createTokenCache(() => KEYS, now)
  const { provePossession } = options
  const identify = createIdentify({
    issuers: [issuer],
    keysOf: () => KEYS,
    missed: () => undefined,
    now,
    cache,
    opaque: new Map([[issuer.name, judge]]),
    ...(provePossession && { provePossession }),
    onVerified: (result) => results.push(result),
  })
  const find = async (authorization: string) => identify(request(authorization))
  return {
    ...server,
    state,
    results,
    failures,
    deadline: () => {
      for (const callback of [...deadlines]) callback()
      deadlines.clear()
    },
    identify: find,
    ask: async (asked) => identify(asked),
    outcome: async (token = OPAQUE) => outcomeOf(await find(`Bearer ${token}`)),
    forget: (subject) => cache.forget(issuer.name, subject),
  }
}

async function startServer(state: World['state']) {
  const questions: Question[] = []
  const arrivals = createQueue<null>()
  const server = createServer(async (message, response) => {
    const { method = '', url = '', headers } = message
    const question = { method, path: url, headers, body: new URLSearchParams(await text(message)) }
    questions.push(question)
    state.reply(response, question)
    arrivals.tell(null)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    questions,
    asked: async () => void (await arrivals.next()),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** A reply of this body, as text or as JSON. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body))
  }
}

/** No reply at all. */
export const hang: Reply = () => undefined

/** The first answers, which are good, wait until they are released. */
export function holding(w: World, most = 1) {
  const waiting: (() => void)[] = []
  w.state.reply = (response, question) => {
    const send = () => json(answer())(response, question)
    if (waiting.length < most) waiting.push(send)
    else send()
  }
  return {
    release: () => {
      for (const send of waiting) send()
    },
  }
}
