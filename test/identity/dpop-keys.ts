import { hash, type KeyObject, sign } from 'node:crypto'
import type { ProofCase } from './dpop-table.ts'
import { proof, proofClaims, proofHeader, thumbprint } from './dpop-world.ts'
import { CLAIMS, part, token } from './tokens.ts'

type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
type Rest = readonly [string, ProofCase[2], NonNullable<ProofCase[3]>]

/** A good proof by a key of another kind, with a token that is bound to it. */
export function withKey(
  alg: string,
  { publicKey, privateKey }: Pair,
  expected: ProofCase[2] = 'authenticated',
): Rest {
  const { y, ...jwk } = publicKey.export({ format: 'jwk' })
  const thumb = jwk.kty === 'OKP' ? okpThumbprint(jwk) : thumbprint(publicKey)
  const bound = token({ ...CLAIMS, cnf: { jkt: thumb } })
  const input = `${part({ typ: 'dpop+jwt', alg, jwk })}.${part(proofClaims(bound))}`
  const pss = { padding: 6, saltLength: 32 }
  const isRsa = jwk.kty === 'RSA'
  const made = sign(isRsa ? 'sha256' : null, Buffer.from(input), {
    key: privateKey,
    ...(isRsa && pss),
  })
  return [`${input}.${made.toString('base64url')}`, expected, { authorization: `DPoP ${bound}` }]
}

function okpThumbprint({ crv, kty, x }: Record<string, unknown>): string {
  return hash('sha256', JSON.stringify({ crv, kty, x }), 'base64url')
}

/** The provider has bound the token to something that is no point of the curve. */
export function offCurve(): Rest {
  const { jwk: good } = proofHeader()
  const jwk = { ...good, x: good.y }
  const { crv, kty, x, y } = jwk
  const jkt = hash('sha256', JSON.stringify({ crv, kty, x, y }), 'base64url')
  const bound = token({ ...CLAIMS, cnf: { jkt } })
  return [proof(proofClaims(bound), { jwk }), 'proof-key', { authorization: `DPoP ${bound}` }]
}
