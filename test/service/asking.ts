import assert from 'node:assert/strict'
import type { Client } from '@grpc/grpc-js'
import { AUTHORIZATION } from '../../src/envoy/codec.ts'
import { decodeOfficial, encodeOfficial, PLAIN } from '../envoy/support.ts'
import { token } from '../identity/tokens.ts'

/** Who issues the tokens of these tests. */
export const ISSUER = 'https://idp.example.com'

/** What is asked for; `claims` null: without a token. */
export type Asked = {
  readonly path: string
  readonly method?: string
  readonly claims?: Record<string, unknown> | null
  /** In place of a fresh token. */
  readonly token?: string
  readonly body?: unknown
}

/** `allow`, or the reason of the refusal, and the decision id. */
export type Answered = { readonly said: string; readonly id: string }

/** Asks as Envoy does. */
export function ask(
  client: Client,
  { path, method = 'GET', claims = {}, token: given, body }: Asked,
): Promise<Answered> {
  const headers = {
    'content-type': 'application/json',
    'x-envoy-auth-partial-body': 'false',
    ...(claims && { authorization: `Bearer ${given ?? bearer(claims)}` }),
  }
  const http = {
    ...PLAIN,
    method,
    path,
    header_map: {
      headers: Object.entries(headers).map(([key, value]) => ({
        key,
        raw_value: Buffer.from(value),
      })),
    },
    ...(body !== undefined && { raw_body: Buffer.from(JSON.stringify(body)) }),
  }
  const source = { address: { socket_address: { address: '192.0.2.7' } } }
  const request = encodeOfficial({ attributes: { source, request: { http } } })
  const pass = (buffer: Buffer) => buffer
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(AUTHORIZATION.Check.path, pass, pass, request, (error, answer) =>
      answer === undefined ? reject(error) : resolve(answered(answer)),
    )
  })
}

function answered(bytes: Buffer): Answered {
  const { status, denied_response: denied, dynamic_metadata: metadata } = decodeOfficial(bytes)
  const { stepgate } = metadata?.fields ?? {}
  const id = stepgate?.structValue?.fields.decision_id?.stringValue ?? assert.fail('no id')
  if (status?.code === 0) return { said: 'allow', id }
  const { reason, instance } = JSON.parse(denied?.body ?? '{}') as Record<string, string>
  assert.equal(instance, `urn:uuid:${id}`)
  return { said: String(reason), id }
}

/** A token of theirs with these claims. */
export function bearer(claims: Record<string, unknown>): string {
  const seconds = Math.floor(Date.now() / 1000)
  const usual = { iss: ISSUER, aud: 'licensing-api', sub: 'ada', acr: '1', auth_time: seconds - 60 }
  return token({ ...usual, iat: seconds - 60, exp: seconds + 300, ...claims })
}
