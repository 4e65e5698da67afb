import type {
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from 'node:http'
import { createGuard, createHostGuard } from './guard.ts'
import { type Answer, createRoutes, type Pages, type Route, text } from './routes.ts'

/** What the admin port answers with, and to whom. */
export type AdminDeps = Pages & {
  /** Where it listens: by this name too it may be asked. */
  readonly host: string
  /** What everything but probes asks for; null: nothing. */
  readonly token: string | null
}

/** Answers `/livez`, `/readyz` (200 or 503, with detail), `/metrics`, `/policy` and `/decisions` to GET and HEAD. */
export function createAdmin(deps: AdminDeps): RequestListener {
  const [routes, refuse] = [createRoutes(deps), createRefuse(deps)]
  return (request, response) => void handle(routes, refuse, request, response)
}

/** What is answered in place of a page, or of the news that there is none; null for who may ask. */
type Refuse = (headers: IncomingHttpHeaders) => (Answer & { readonly challenge?: string }) | null

/** Without a token, whoever asks is let in, but for web pages of others. */
function createRefuse({ token, host }: AdminDeps): Refuse {
  if (token === null) {
    const isOurs = createHostGuard(host)
    return (headers) => (isOurs(headers.host) ? null : MISDIRECTED)
  }
  const guard = createGuard(token)
  return ({ authorization }) => (guard(authorization) ? null : UNAUTHORIZED)
}

const UNAUTHORIZED = {
  ...text(401, 'this page needs the token of admin.token'),
  challenge: 'Bearer realm="stepgate-admin"',
}

const MISDIRECTED = text(
  421,
  'without admin.token this page is shown only to those who ask by address, such as 127.0.0.1, or by a name without a dot, such as localhost',
)

/** Who is refused does not learn which pages there are. */
async function handle(
  routes: ReadonlyMap<string, Route>,
  refuse: Refuse,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path = '', query = ''] = request.url?.split('?', 2) ?? []
  const route = routes.get(path)
  const refusal = route?.open ? null : refuse(request.headers)
  if (refusal !== null) {
    if (refusal.challenge) response.setHeader('www-authenticate', refusal.challenge)
    return send(response, refusal)
  }
  if (route === undefined) return send(response, text(404, 'not found'))
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return send(response, text(405, 'method not allowed'))
  }
  send(response, await answer(route, query))
}

/** What a route throws stays inside: the reader gets no detail of ours. */
async function answer(route: Route, query: string): Promise<Answer> {
  try {
    return await route.answer(new URLSearchParams(query))
  } catch {
    return text(500, 'internal error')
  }
}

/** For HEAD, Node itself leaves out the body. */
function send(response: ServerResponse, { status, contentType, body }: Answer): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}
