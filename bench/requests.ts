import { randomUUID } from 'node:crypto'
import { encodeRequest, frameOf } from './protocol.ts'

/** What is asked, and the gRPC code that every answer to it must have. */
export type Workload = {
  readonly frames: readonly Buffer[]
  readonly code: number
  /** Bytes of the CheckRequests in the frames. */
  readonly sizes: readonly number[]
}

const OK = 0
const PERMISSION_DENIED = 7

/** Different requests in turn, so that nothing but the token can be cached. */
const COUNT = 64

/** Three reads and a renewal, in turn: every one of them is allowed. */
export function allowedRequests(tokens: readonly string[]): Workload {
  return workload(OK, tokens, (index) =>
    index % 4 === 3
      ? { method: 'POST', path: `/v1/licenses/L-${index}/renew`, body: '{"months":12,"seats":25}' }
      : { method: 'GET', path: `/v1/licenses/L-${index}?expand=pool&page=${index}`, body: '' },
  )
}

/** Paths that can be read in two ways: refused before anybody looks at the token. */
export function ambiguousRequests(tokens: readonly string[]): Workload {
  return workload(PERMISSION_DENIED, tokens, (index) => {
    return { method: 'GET', path: `/v1/licenses/%252e%252e/L-${index}`, body: '' }
  })
}

type Target = { readonly method: string; readonly path: string; readonly body: string }

function workload(
  code: number,
  tokens: readonly string[],
  targetOf: (index: number) => Target,
): Workload {
  const requests = Array.from({ length: COUNT }, (_, index) =>
    encodeRequest(checkRequest(targetOf(index), tokens[index % tokens.length] ?? '')),
  )
  return { frames: requests.map(frameOf), code, sizes: requests.map(({ length }) => length) }
}

/** What Envoy sends with `envoy/envoy.yaml` for a browser's request. */
function checkRequest(target: Target, token: string): object {
  const { method, path, body } = target
  const host = 'licensing.example.com'
  const socketAddress = { address: '10.1.2.17' }
  const seconds = Math.floor(Date.now() / 1000)
  const headers = headersOf(target, host, token)
  const http = {
    ...{ id: '1234567890123456789', method, path, host, scheme: 'https', protocol: 'HTTP/2' },
    headerMap: { headers: headers.map(([key, value]) => ({ key, rawValue: Buffer.from(value) })) },
    ...(body === '' ? {} : { rawBody: Buffer.from(body) }),
  }
  return {
    attributes: { source: { address: { socketAddress } }, request: { time: { seconds }, http } },
  }
}

function headersOf({ method, path, body }: Target, host: string, token: string) {
  const content: readonly Header[] = [
    ['content-type', 'application/json'],
    ['content-length', String(body.length)],
    ['x-envoy-auth-partial-body', 'false'],
  ]
  const pseudo: readonly Header[] = [
    [':authority', host],
    [':path', path],
    [':method', method],
    [':scheme', 'https'],
  ]
  const own: readonly Header[] = [
    ['authorization', `Bearer ${token}`],
    ['x-request-id', randomUUID()],
  ]
  return [...pseudo, ...own, ...BROWSER, ...(body === '' ? [] : content)]
}

type Header = readonly [name: string, value: string]

const BROWSER: readonly Header[] = [
  ['user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0'],
  ['accept', 'application/json, text/plain, */*'],
  ['accept-language', 'de-DE,de;q=0.8,en-US;q=0.5,en;q=0.3'],
  ['accept-encoding', 'gzip, deflate, br, zstd'],
  ['origin', 'https://portal.example.com'],
  ['sec-fetch-dest', 'empty'],
  ['sec-fetch-mode', 'cors'],
  ['sec-fetch-site', 'same-site'],
  ['x-forwarded-for', '10.1.2.17'],
  ['x-forwarded-proto', 'https'],
]
