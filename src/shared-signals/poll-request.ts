import { isObject, type JsonObject } from './stream.ts'
import { MAX_SET, type SetError } from './verify-set.ts'

/**
 * Sends one request and gives the body of the answer. Rejects with an `Error` that is fit to be shown to an operator when
 * there is no answer, another one than 200, one that is too long, or `signal` aborts; redirects are not followed.
 */
export type Ask = (url: string, request: PollRequest, signal: AbortSignal) => Promise<Buffer>

/** What is sent, and the longest answer that is read, in bytes. */
export type PollRequest = {
  readonly method: 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly maxBytes: number
}

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
  ask: Ask,
  { url, token }: PollEndpoint,
  answers: Answers,
  signal: AbortSignal,
): Promise<PolledSets> {
  const bytes = await ask(url, requestOf(token, answers), signal)
  return readPolled(bytes.toString('utf8'), url)
}

function requestOf(token: string | null, { ack, setErrs }: Answers): PollRequest {
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
  return { method: 'POST', headers, body, maxBytes: MAX_BYTES }
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
