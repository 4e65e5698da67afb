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

/** What is asked, and the longest answer that is read, in bytes. */
export type JsonRequest = {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly maxBytes: number
}

/** For a metadata document or a key set. */
const DOCUMENT: JsonRequest = {
  method: 'GET',
  headers: { accept: 'application/json, application/jwk-set+json' },
  maxBytes: 512 * 1024,
}

/** `ignoreBOM` keeps a byte order mark as a character, which JSON does not begin with (RFC 8259 §8.1). */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Fetches one JSON document. Redirects are refused: it must come from the address that the issuer named.
 * Throws `HttpError`, or an `Error` that names the address and what went wrong, and nothing of what was sent.
 */
export async function fetchJson(
  fetch: Fetch,
  url: string,
  signal: AbortSignal,
  request: JsonRequest = DOCUMENT,
): Promise<unknown> {
  const bytes = await fetchBytes(fetch, url, signal, request)
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch {
    throw new Error(`${url} did not answer with JSON`)
  }
}

/** Fetches the body of one answer, as `fetchJson` does, whatever is in it. */
export async function fetchBytes(
  fetch: Fetch,
  url: string,
  signal: AbortSignal,
  request: JsonRequest,
): Promise<Buffer> {
  const response = await send(fetch, url, signal, request)
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new HttpError(url, response.status)
  }
  return readBounded(response, url, request.maxBytes)
}

async function send(
  fetch: Fetch,
  url: string,
  signal: AbortSignal,
  { maxBytes: _, ...request }: JsonRequest,
): Promise<Response> {
  try {
    return await fetch(url, { ...request, signal, redirect: 'error' })
  } catch (error) {
    throw new Error(`${url} could not be reached: ${reason(error)}`, { cause: error })
  }
}

async function readBounded(response: Response, url: string, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk)
      size += chunk.length
      if (size > maxBytes) break
    }
  } catch (error) {
    throw new Error(`${url} did not answer to the end: ${reason(error)}`, { cause: error })
  }
  if (size > maxBytes) throw new Error(`${url} answered with more than ${maxBytes} bytes`)
  return Buffer.concat(chunks)
}

/** `fetch` hides the reason in its cause. */
function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return cause instanceof Error ? cause.message || cause.name : String(cause)
}
