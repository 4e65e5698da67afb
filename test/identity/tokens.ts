import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { AccessRequest } from '../../src/domain/access-request.ts'
import { DEFAULT_TOLERANCE } from '../../src/domain/assurance.ts'
import type { Issuer } from '../../src/identity/issuer.ts'
import { readKeySet } from '../../src/identity/key-set.ts'

/** The clock of every test: seconds since the epoch. */
export const NOW = 1_800_000_000

/** Any JSON object, or the raw text to stand in its place. */
export type Json = Readonly<Record<string, unknown>> | string

/** A key pair under the name that tokens know it by. */
export type TestKey = { readonly kid: string; readonly pair: Pair; readonly alg: string }

type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject }

export const EC: TestKey = key('ec-1', 'ES256')
export const EC_OTHER: TestKey = key('ec-2', 'ES256')
export const RSA: TestKey = key('rsa-1', 'RS256')
export const RSA_SHORT: TestKey = key('rsa-short', 'RS256', 1024)

/** The issuer of most tests. */
export const ISSUER: Issuer = {
  name: 'idp',
  issuer: 'https://idp.example.com/realms/licensing',
  audiences: ['licensing-api', 'https://licensing.example.com'],
  algorithms: ['ES256', 'RS256'],
  types: ['at+jwt', 'jwt'],
  token: { from: 'authorization' },
  proof: 'acr',
  auth_time: DEFAULT_TOLERANCE,
  claims: {
    roles: 'roles',
    groups: 'groups',
    scopes: 'scope',
    tenant: 'tenant',
    session: 'sid',
    acr: 'acr',
    amr: 'amr',
    auth_time: 'auth_time',
    client: ['client_id', 'azp', 'cid', 'appid'],
  },
  workloads: { clients: ['ci-robot'] },
  leeway: 5,
}

/** The claims of an ordinary token. */
export const CLAIMS = {
  iss: ISSUER.issuer,
  aud: 'licensing-api',
  sub: 'ada',
  iat: NOW - 60,
  exp: NOW + 300,
}

export function key(kid: string, alg: 'ES256' | 'RS256', bits = 2048): TestKey {
  const pair =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: bits })
  return { kid, alg, pair }
}

export function jwk({ kid, alg, pair }: TestKey, more: object = {}): object {
  return { ...pair.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig', ...more }
}

export function keySet(...keys: TestKey[]) {
  return readKeySet({ keys: keys.map((each) => jwk(each)) })
}

/** A token of any header and claims, right or wrong, signed as `signer` does. */
export function token(claims: Json = CLAIMS, header: Json = {}, signer: TestKey = EC): string {
  const { alg, kid } = signer
  const head = typeof header === 'string' ? header : { alg, kid, typ: 'at+jwt', ...header }
  return signed(`${part(head)}.${part(claims)}`, signer)
}

export function signed(input: string, { pair }: TestKey): string {
  const options = { key: pair.privateKey, dsaEncoding: 'ieee-p1363' as const }
  return `${input}.${sign('sha256', Buffer.from(input), options).toString('base64url')}`
}

export function part(json: Json | Buffer): string {
  const text = typeof json === 'string' || Buffer.isBuffer(json) ? json : JSON.stringify(json)
  return Buffer.from(text).toString('base64url')
}

/** A request with these values of `Authorization`, and nothing else of interest. */
export function request(...authorization: string[]): AccessRequest {
  const headers = authorization.length > 0 ? [['authorization', authorization] as const] : []
  return {
    id: 'r-1',
    time: NOW * 1000,
    method: 'GET',
    host: 'licensing.example.com',
    path: { text: '/', segments: [''] },
    scheme: 'https',
    protocol: 'HTTP/2',
    query: new Map(),
    headers: new Map(headers),
    headerNames: headers.map(([name]) => name),
    body: { kind: 'missing' },
    context: new Map(),
    metadata: new Map(),
    source: { ip: null, principal: '' },
  }
}
