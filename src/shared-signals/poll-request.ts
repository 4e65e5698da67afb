import { isObject, type JsonObject } from './stream.ts'
import { MAX_SET, type SetError } from './verify-set.ts'

/** The part of the platform's `fetch` that is needed here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Where SETs are fetched, and as whom. */
export type PollEndpoint = {
  readonly url: string
  /** A bearer token; null where none is asked for. */
  readonly token: string | null
}

/** What the transmitter is told of SETs, by the ids that it gave them: those that it may forget, and those that were none. */
export type Answers = {
  readonly ack: readonly string[]
  readonly setErrs: readonly (readonly [string, SetProblem])[]
}

/** Why a SET was not accepted. */
export type SetProblem = { readonly err: SetError; readonly description: string }

/** SETs by the ids that the transmitter gives them; what is no text is an empty one. */
export type PolledSets = readonly (readonly [string, string])[]

/** SETs that are asked for at once. */
export const MOST_SETS = 50

/** Bytes: room for as many of the largest, and what stands around them. */
const MAX_BYTES = (MOST_SETS + 1) * MAX_SET

/**
 * Fetches SETs (RFC 8936 §2.4), at most so many; none when there are none at the moment. Throws an `Error` that is fit to be shown to an operator, also
 * when `signal` aborts.
 */
export async function pollOnce(
  fetch: Fetch,
  { url, token }: PollEndpoint,
  answers: Answers,
  signal: AbortSignal,
): Promise<PolledSets> {
  const response = await post(fetch, url, token, answers, signal)
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`${url} answered ${response.status}`)
  }
  return readPolled(await readBounded(response, url), url)
}

async function post(
  fetch: Fetch,
  url: string,
  token: string | null,
  { ack, setErrs }: Answers,
  signal: AbortSignal,
): Promise<Response> {
  const headers = {
    accept: 'application/json',
    'content-type': 'application/json',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  }
  const body = JSON.stringify({
    maxEvents: MOST_SETS,
    returnImmediately: true,
    ...(ack.length === 0 ? {} : { ack }),
    ...(setErrs.length === 0 ? {} : { setErrs: Object.fromEntries(setErrs) }),
  })
  try {
    return await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' })
  } catch (error) {
    throw new Error(`${url} could not be reached: ${reasonOf(error)}`, { cause: error })
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
    throw new Error(`${url} did not answer to the end: ${reasonOf(error)}`, { cause: error })
  }
  if (size > MAX_BYTES) throw new Error(`${url} answered with more than ${MAX_BYTES} bytes`)
  return Buffer.concat(chunks).toString('utf8')
}

function readPolled(text: string, url: string): PolledSets {
  const { sets } = parse(text, url)
  if (!isObject(sets)) throw new Error(`${url} did not answer with SETs`)
  return Object.entries(sets)
    .slice(0, MOST_SETS)
    .map(([id, set]) => [id, typeof set === 'string' ? set : ''])
}

function parse(text: string, url: string): JsonObject {
  try {
    const answer: unknown = JSON.parse(text)
    if (isObject(answer)) return answer
  } catch {
    // The parser's own words would quote what was received.
  }
  throw new Error(`${url} did not answer with a JSON object`)
}

/** `fetch` hides the reason in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return cause instanceof Error ? cause.message || cause.name : String(cause)
}
