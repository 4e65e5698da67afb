import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { close, listen } from '../listening.ts'
import { Problem } from './problem.ts'
import { ROUTES, type Route } from './routes.ts'
import { createStore, type Store } from './store.ts'

/** A running licensing API. */
export type LicensingApi = {
  readonly url: string
  /** The same as `host:port`. */
  readonly address: string
  /** How many requests have reached it: what Stepgate refuses is not among them. */
  readonly requests: () => number
  /** Ends it with all its connections. */
  readonly stop: () => Promise<void>
}

type Answer = {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly headers?: Readonly<Record<string, string>>
}

const MAX_BODY = 64 * 1024
const JSON_TYPE = 'application/json'

/**
 * Starts the API of `openapi.yaml` on the loopback interface; port 0 takes a free one.
 * It knows no passwords and no tokens: whoever gets here has passed Stepgate, which says who it is in `x-stepgate-*`.
 */
export async function startLicensingApi({
  port,
}: {
  readonly port: number
}): Promise<LicensingApi> {
  const store = createStore()
  let requests = 0
  const server = createServer((request, response) => {
    requests++
    void respond(store, request, response)
  })
  await listen(server, port)
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: `http://${address}`,
    address,
    requests: () => requests,
    stop: () => close(server),
  }
}

async function respond(store: Store, request: IncomingMessage, response: ServerResponse) {
  const answer = await answerTo(store, request)
  const text = JSON.stringify({ ...answer.body, seen: stepgateHeaders(request) })
  const contentType = answer.status < 400 ? JSON_TYPE : 'application/problem+json'
  response.writeHead(answer.status, { 'content-type': contentType, ...answer.headers })
  response.end(`${text}\n`)
}

async function answerTo(store: Store, request: IncomingMessage): Promise<Answer> {
  try {
    const { route, params } = findRoute(request)
    const body = await readJson(request)
    const param = (name: string) => params[name] ?? ''
    const by = request.headers['x-stepgate-subject']
    const call = { store, param, body, by: typeof by === 'string' ? by : 'nobody' }
    return { status: route.status, body: route.handle(call) }
  } catch (error) {
    return problemAnswer(error)
  }
}

function findRoute(request: IncomingMessage) {
  const { pathname } = new URL(request.url ?? '/', 'http://api')
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const fitting = ROUTES.flatMap((route) => {
    const match = toPattern(route.path).exec(pathname)
    return match === null ? [] : [{ route, params: match.groups ?? {} }]
  })
  const found = fitting.find(({ route }) => route.method === method)
  if (found !== undefined) return found
  if (fitting.length === 0) throw new Problem(404, `there is nothing at ${pathname}`)
  throw methodNotAllowed(
    method,
    fitting.map(({ route }) => route),
  )
}

function methodNotAllowed(method: string | undefined, routes: readonly Route[]): Problem {
  const allow = routes.map((route) => route.method).join(', ')
  return new Problem(405, `${method} is not possible here, only ${allow}`, { allow })
}

/** `/v1/licenses/{license}:activate` as a pattern over one path; a value is one segment without a custom verb. */
function toPattern(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/:]+)')}$`)
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MAX_BODY) throw new Problem(413, `a body may have ${MAX_BODY} bytes`)
    chunks.push(chunk)
  }
  if (size === 0) return undefined
  if (!request.headers['content-type']?.startsWith(JSON_TYPE)) {
    throw new Problem(415, `a body must be ${JSON_TYPE}`)
  }
  return parseJson(Buffer.concat(chunks).toString())
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Problem(400, `the body is not JSON: ${(error as Error).message}`)
  }
}

function problemAnswer(error: unknown): Answer {
  const problem = error instanceof Problem ? error : new Problem(500, String(error))
  const { status, message: detail, headers } = problem
  return { status, headers, body: { type: 'about:blank', status, detail } }
}

/** Every header that claims to come from Stepgate, as it arrived: name in lower case → its values. */
function stepgateHeaders({ headersDistinct }: IncomingMessage): Record<string, readonly string[]> {
  const claims = Object.entries(headersDistinct).filter(([name]) => /^x[-_]stepgate[-_]/.test(name))
  return Object.fromEntries(claims.map(([name, values]) => [name, values ?? []]))
}
