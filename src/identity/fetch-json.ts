/** The part of the platform's `fetch` that is needed here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** A provider answered with something else than 200. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number

  constructor(url: string, status: number) {
    super(`${url} answered ${status}`)
    this.status = status
  }
}

/** Longest metadata document or key set that is read, in bytes. */
const MAX_BYTES = 512 * 1024

/**
 * Fetches one JSON document. Redirects are refused: a key must come from the address that the issuer named.
 * Throws `HttpError`, or an `Error` that names the address and what went wrong.
 */
export async function fetchJson(fetch: Fetch, url: string, signal: AbortSignal): Promise<unknown> {
  const response = await get(fetch, url, signal)
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new HttpError(url, response.status)
  }
  const text = await readBounded(response, url)
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`${url} did not answer with JSON`)
  }
}

async function get(fetch: Fetch, url: string, signal: AbortSignal): Promise<Response> {
  const headers = { accept: 'application/json, application/jwk-set+json' }
  try {
    return await fetch(url, { headers, signal, redirect: 'error' })
  } catch (error) {
    throw new Error(`${url} could not be reached: ${reason(error)}`, { cause: error })
  }
}

async function readBounded(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk)
      size += chunk.length
      if (size > MAX_BYTES) break
    }
  } catch (error) {
    throw new Error(`${url} did not answer to the end: ${reason(error)}`, { cause: error })
  }
  if (size > MAX_BYTES) throw new Error(`${url} answered with more than ${MAX_BYTES} bytes`)
  return Buffer.concat(chunks).toString('utf8')
}

/** `fetch` hides the reason in its cause. */
function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return cause instanceof Error ? cause.message || cause.name : String(cause)
}
