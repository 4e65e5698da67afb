import { type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { parseAddress } from '../../demo/envoy-config.ts'

/** An answer, its JSON body parsed; an empty or other body is `{}`. */
export type RawAnswer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Readonly<Record<string, unknown>>
}

/** Sends path and headers exactly as they are (a flat list: name, value, …), which `fetch` would tidy up. */
export async function sendRaw(
  url: string,
  path: string,
  headers: readonly string[] = [],
  method = 'GET',
  body?: string | Uint8Array,
): Promise<RawAnswer> {
  const { host, port } = parseAddress(new URL(url).host)
  return await new Promise((resolve, reject) => {
    const all = ['host', 'licensing.example.com', ...headers]
    const sent = request({ host, port, path, method, headers: all, agent: false })
    sent.on('error', reject)
    sent.on('response', (response) => {
      const { statusCode: status = 0, headers } = response
      text(response).then(
        (body) => resolve({ status, headers, body: body.startsWith('{') ? JSON.parse(body) : {} }),
        reject,
      )
    })
    sent.end(body)
  })
}
