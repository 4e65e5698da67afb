import type { EventDeps } from './events.ts'
import { reportable } from './redact.ts'
import { createThrottles } from './throttle.ts'

/** What happens to shared signals. */
export type SignalEvents = {
  /** A SET was received, or could not be. Those that were not are logged at most once a minute for each stream. */
  securityEvent(received: ReceivedEvent): void
  /** Transmitters may post from now on. */
  signalsListening(address: string): void
  /** Others than this machine can reach the listener, and what they send is not kept from others. */
  signalsOpen(address: string): void
}

/** One SET; every label is out of a closed list. */
export type ReceivedEvent = {
  readonly stream: string
  readonly type: string
  readonly result: string
  /** Its `jti`. */
  readonly id: string | null
  /** Of its subject; nobody is named by it. */
  readonly issuer: string | null
  /** Of a verification event. */
  readonly state: string | null
  /** Why it could not be received; null when it was. */
  readonly reason: string | null
}

const MINUTE = 60_000

/** Creates the functions that report them. */
export function signalEvents({ log, metrics, now }: EventDeps): SignalEvents {
  const mayLog = createThrottles(now, MINUTE)
  return {
    securityEvent: ({ stream, type, result, id, issuer, state, reason }) => {
      metrics.securityEvent(stream, type, result)
      const told = { stream, type, result, jti: shown(id) }
      if (reason === null)
        log.info({ event: 'security-event', ...told, issuer, state: shown(state) })
      else if (mayLog(stream))
        log.warn({ event: 'signals-failed', ...told, reason: reportable(reason) })
    },
    signalsListening: (address) => log.info({ event: 'signals-listening', address }),
    signalsOpen: (address) => log.warn({ event: 'signals-open', address, lacks: 'tls' }),
  }
}

function shown(text: string | null): string | null {
  return text === null ? null : reportable(text)
}
