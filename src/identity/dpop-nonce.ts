import { createHmac } from 'node:crypto'

/** Nonces that clients must put into their proofs (RFC 9449 §9), the same for all of them and for every replica. */
export type Nonces = {
  /** The one to hand out now. */
  readonly current: () => string
  /** True for the current one and the one before. */
  readonly accepts: (nonce: unknown) => boolean
}

/** What nonces are made from. */
export type NonceOptions = {
  /** Shared by the replicas; who has it can make proofs for later. */
  readonly key: Uint8Array
  /** Milliseconds for which one is handed out; it is accepted for as long again. */
  readonly life: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Makes nonces out of the time alone, an HMAC-SHA-256 over the number of the period, so that none has to be stored. */
export function createNonces({ key, life, now }: NonceOptions): Nonces {
  const period = () => Math.floor(now() / life)
  const nonceOf = (number: number) =>
    createHmac('sha256', key).update(`dpop-nonce ${life} ${number}`).digest('base64url')
  return {
    current: () => nonceOf(period()),
    accepts: (nonce) => {
      const number = period()
      return nonce === nonceOf(number) || nonce === nonceOf(number - 1)
    },
  }
}
