import { once } from 'node:events'
import { type ClientHttp2Session, connect } from 'node:http2'
import { answeredCode, CHECK_PATH } from './protocol.ts'
import type { Workload } from './requests.ts'

/** Connections to one server, over which requests are sent. */
export type Load = {
  /** Keeps every stream busy for so many milliseconds; rejects when an answer is not the expected one. */
  readonly send: (workload: Workload, milliseconds: number, signal: AbortSignal) => Promise<Answers>
  readonly close: () => void
}

/** How long each answer took, in milliseconds, and all of them together. */
export type Answers = { readonly latencies: readonly number[]; readonly elapsed: number }

/** As many as Envoy with two workers would open, and as much as it would have under way at a good load. */
export const CONNECTIONS = 2
export const STREAMS = 16

/** Opens the connections. Bare HTTP/2 without a gRPC client, which would cost more than the servers do. */
export async function openLoad(address: string): Promise<Load> {
  const sessions = Array.from({ length: CONNECTIONS }, () => connect(`http://${address}`))
  await Promise.all(sessions.map((session) => once(session, 'connect')))
  return {
    send: async (workload, milliseconds, signal) => {
      const start = performance.now()
      const run = { workload, latencies: [], sent: 0, end: start + milliseconds, signal }
      const lanes = sessions.flatMap((session) => Array.from({ length: STREAMS }, () => session))
      await Promise.all(lanes.map((session) => keepBusy(session, run)))
      return { latencies: run.latencies, elapsed: performance.now() - start }
    },
    close: () => {
      for (const session of sessions) session.destroy()
    },
  }
}

type Run = {
  readonly workload: Workload
  readonly latencies: number[]
  sent: number
  readonly end: number
  readonly signal: AbortSignal
}

/** One stream after the other until the time is over. */
function keepBusy(session: ClientHttp2Session, run: Run): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = () => {
      const start = performance.now()
      if (start >= run.end || run.signal.aborted) return resolve()
      ask(session, run, (problem) => {
        if (problem !== null) return reject(new Error(problem))
        run.latencies.push(performance.now() - start)
        next()
      })
    }
    next()
  })
}

const HEADERS = {
  ':method': 'POST',
  ':path': CHECK_PATH,
  'content-type': 'application/grpc',
  te: 'trailers',
}

function ask(session: ClientHttp2Session, run: Run, done: (problem: string | null) => void): void {
  const { frames, code } = run.workload
  let answer: Uint8Array = Buffer.alloc(0)
  let status: unknown
  const stream = session.request(HEADERS)
  stream.on('data', (chunk: Buffer) => {
    answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk])
  })
  stream.on('trailers', (trailers) => {
    status = trailers['grpc-status']
  })
  stream.on('error', (error) => done(error.message))
  stream.on('end', () => {
    const right = status === '0' && answeredCode(answer) === code
    done(right ? null : `an answer has code ${answeredCode(answer)}, not ${code}; gRPC ${status}`)
  })
  stream.end(frames[run.sent++ % frames.length])
}
