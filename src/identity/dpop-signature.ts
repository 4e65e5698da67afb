import { calculateJwkThumbprint, compactVerify, errors, importJWK } from 'jose'
import { LRUCache } from 'lru-cache'
import type { TokenProblem } from '../domain/identity.ts'
import type { Proof } from './dpop-proof.ts'

/**
 * Judges whether the holder of the key with this thumbprint (RFC 7638) has signed a proof; null when that is so. It never
 * rejects.
 */
export type JudgeSignature = (proof: Proof, thumbprint: string) => Promise<TokenProblem | null>

type PublicKey = Exclude<Awaited<ReturnType<typeof importJWK>>, Uint8Array>

/** Keys that are kept as imported, which costs as much as a signature; each takes some kilobytes. */
const KEPT = 5_000

/** Makes the function, with a memory of the keys that it has seen: a client uses one for many proofs. */
export function createJudgeSignature(): JudgeSignature {
  const known = new LRUCache<string, PublicKey>({ max: KEPT })
  const keyOf = async ({ alg, jwk }: Proof, thumbprint: string): Promise<PublicKey> => {
    const name = `${alg} ${thumbprint}`
    const kept = known.get(name)
    if (kept !== undefined) return kept
    const key = await importJWK(jwk, alg)
    if (key instanceof Uint8Array) throw new TypeError('a symmetric key')
    known.set(name, key)
    return key
  }
  return async (proof, thumbprint) => {
    try {
      // First of all: nothing is computed with a key that a stranger has chosen.
      if ((await calculateJwkThumbprint(proof.jwk)) !== thumbprint) return 'proof-other-key'
      await compactVerify(proof.jwt, await keyOf(proof, thumbprint), { algorithms: [proof.alg] })
      return null
    } catch (error) {
      return error instanceof errors.JWSSignatureVerificationFailed
        ? 'proof-signature'
        : 'proof-key'
    }
  }
}
