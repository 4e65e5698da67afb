import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Receive } from './receive.ts'
import type { Stream } from './stream.ts'
import { MAX_SET, type SetError } from './verify-set.ts'

/** A stream whose transmitter comes to us. */
export type PushStream = {
  readonly stream: Stream
  /** Where it posts to. */
  readonly path: string
  /** The whole value of its `Authorization` header; null where it needs none. */
  readonly authorization: string | null
}

/** What receiving by push needs. */
export type PushDeps = {
  readonly streams: readonly PushStream[]
  readonly receive: Receive
  /** Told of a request that never came to be a SET, and why. */
  readonly onRefused: (stream: string, reason: string) => void
}

/** An answer to a transmitter; `headers` besides those that go with a body. */
type Answer = {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** Seconds after which a transmitter may try again. */
const RETRY_AFTER = '5'

const MEDIA_TYPE = /^application\/secevent\+jwt\s*(?:;|$)/i

/** Makes the function that answers a POST of one SET (RFC 8935 §2). It never rejects. */
export function createPush(
  deps: PushDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const byPath = new Map(deps.streams.map((one) => [one.path, guarded(one)]))
  return async (request, response) => {
    const found = byPath.get(request.url ?? '')
    send(request, response, found ? await tryAnswer(found, request, deps) : NOT_FOUND)
  }
}

/** What goes wrong here is no fault of the transmitter, who learns nothing of it. */
async function tryAnswer(...about: Parameters<typeof answer>): Promise<Answer> {
  try {
    return await answer(...about)
  } catch {
    return AGAIN
  }
}

type Guarded = {
  readonly stream: Stream
  readonly isAuthorized: (request: IncomingMessage) => boolean
}

async function answer(
  { stream, isAuthorized }: Guarded,
  request: IncomingMessage,
  { receive, onRefused }: PushDeps,
): Promise<Answer> {
  const refuse = (refusal: Answer, reason: string) => {
    onRefused(stream.name, reason)
    return refusal
  }
  if (request.method !== 'POST') return refuse(NOT_POST, 'the method is not POST')
  if (!isAuthorized(request)) return refuse(UNAUTHORIZED, 'the authorization is wrong')
  if (!MEDIA_TYPE.test(request.headers['content-type'] ?? ''))
    return refuse(OTHER_MEDIA, 'the content is not application/secevent+jwt')
  const set = await readBody(request)
  if (set === 'too-large') return refuse(TOO_LARGE, 'the SET is too large')
  if (set === 'cut-off') return refuse(CUT_OFF, 'the SET did not arrive as a whole')
  const receipt = await receive(stream, set.text)
  switch (receipt.kind) {
    case 'accepted':
      return { status: 202, body: '', headers: {} }
    case 'refused':
      return errorAnswer(400, receipt.err, receipt.description)
    case 'retry':
      return AGAIN
  }
}

/** How long the comparison takes tells nothing of the secret. */
function guarded({ stream, authorization }: PushStream): Guarded {
  if (authorization === null) return { stream, isAuthorized: () => true }
  const wanted = digest(authorization)
  const isAuthorized = ({ headers }: IncomingMessage) =>
    timingSafeEqual(digest(headers.authorization ?? ''), wanted)
  return { stream, isAuthorized }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

type Body = { readonly text: string } | 'too-large' | 'cut-off'

/** Past the limit nothing more is read. */
async function readBody(request: IncomingMessage): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_SET) return 'too-large'
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      chunks.push(chunk)
      size += chunk.length
      if (size > MAX_SET) return 'too-large'
    }
  } catch {
    return 'cut-off'
  }
  return { text: Buffer.concat(chunks).toString('latin1').trim() }
}

/** RFC 8935 §2.3. */
function errorAnswer(
  status: number,
  err: SetError,
  description: string,
  headers: Answer['headers'] = {},
): Answer {
  return { status, body: JSON.stringify({ err, description }), headers }
}

/** A request whose body was not read to its end leaves a connection that can be used for nothing else. */
function send(request: IncomingMessage, response: ServerResponse, answered: Answer): void {
  const { status, body, headers } = answered
  response.writeHead(status, {
    ...headers,
    ...(body === '' ? {} : { 'content-type': 'application/json', 'content-language': 'en' }),
    ...(request.complete ? {} : { connection: 'close' }),
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  })
  response.end(body)
}

/** Whoever is none of ours does not keep a connection: there are few, for transmitters. */
const CLOSE = { connection: 'close' }

const AGAIN: Answer = { status: 503, body: '', headers: { 'retry-after': RETRY_AFTER } }
const NOT_FOUND: Answer = { status: 404, body: '', headers: CLOSE }
const NOT_POST: Answer = { status: 405, body: '', headers: { ...CLOSE, allow: 'POST' } }
const UNAUTHORIZED = errorAnswer(401, 'authentication_failed', 'the authorization is wrong', {
  ...CLOSE,
  'www-authenticate': 'Bearer realm="stepgate-signals"',
})
const OTHER_MEDIA = errorAnswer(
  400,
  'invalid_request',
  'the Content-Type is not application/secevent+jwt',
)
const TOO_LARGE = errorAnswer(413, 'invalid_request', 'the SET is too large')
const CUT_OFF = errorAnswer(400, 'invalid_request', 'the SET did not arrive as a whole')
