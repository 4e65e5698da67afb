import { join } from 'node:path'
import { loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader'
import { type Decision, NO_GROUNDS } from '../../src/domain/decision.ts'
import type { CheckDeps } from '../../src/envoy/check.ts'
import type { HttpRequest } from '../../src/envoy/wire.ts'

const ROOT = join(import.meta.dirname, '../..')
const OFFICIAL = ['envoy-api', 'googleapis', 'protoc-gen-validate', 'xds'].map((folder) =>
  join(ROOT, 'node_modules/@grpc/grpc-js-xds/deps', folder),
)

/** The official messages, as shipped with grpc-js-xds. */
export const officialProtos = load(OFFICIAL)
/** The messages of `proto/`. */
export const ourProtos = load([join(ROOT, 'proto')])

/** An answer as Envoy reads it: by the official messages, with every default filled in. */
export type OfficialResponse = {
  readonly status: { readonly code: number } | null
  readonly http_response?: 'denied_response' | 'ok_response'
  readonly denied_response?: {
    readonly status: { readonly code: number }
    readonly headers: readonly OfficialHeader[]
    readonly body: string
  }
  readonly ok_response?: {
    readonly headers: readonly OfficialHeader[]
    readonly headers_to_remove: readonly string[]
  }
  readonly dynamic_metadata: { readonly fields: Record<string, OfficialValue> } | null
}

export type OfficialHeader = {
  readonly header: { readonly key: string; readonly value: string }
  readonly append_action: number
  readonly append: unknown
}

export type OfficialValue = {
  readonly stringValue?: string
  readonly structValue?: { readonly fields: Record<string, OfficialValue> }
}

export function decodeOfficial(bytes: Uint8Array): OfficialResponse {
  return message('envoy.service.auth.v3.CheckResponse').deserialize(
    Buffer.from(bytes),
  ) as OfficialResponse
}

/** A request as Envoy writes it; field names as in the proto. */
export function encodeOfficial(request: object): Buffer {
  return message('envoy.service.auth.v3.CheckRequest').serialize(request)
}

export function message(name: string): MessageTypeDefinition<object, object> {
  return officialProtos[name] as MessageTypeDefinition<object, object>
}

/** A plain GET that every reader accepts. */
export const PLAIN: HttpRequest = {
  id: '7',
  method: 'GET',
  path: '/v1/licenses',
  host: 'licensing.example.com',
  scheme: 'https',
  protocol: 'HTTP/2',
}

export const UUID = 'c3a6dbd5-1c9e-4d8c-9a55-0d0c7a3a7d10'

export const NO_RULE: Decision = { ...NO_GROUNDS, outcome: 'deny', reason: 'no-rule' }

/** The rooms around a check, all of them harmless; tests replace what they are about. */
export function rooms(overrides: Partial<CheckDeps> = {}): CheckDeps {
  return {
    trustedHops: 0,
    metadataNamespaces: [],
    realm: null,
    dialectOf: () => ({ name: 'rfc9470' }),
    identify: () => ({ kind: 'anonymous' }),
    decide: () => NO_RULE,
    observe: () => ({
      stage: () => undefined,
      answered: () => undefined,
      decided: () => undefined,
    }),
    newDecisionId: () => UUID,
    now: () => 0,
    ...overrides,
  }
}

function load(includeDirs: string[]): PackageDefinition {
  return loadSync(['envoy/service/auth/v3/external_auth.proto', 'google/rpc/error_details.proto'], {
    keepCase: true,
    longs: String,
    defaults: true,
    oneofs: true,
    includeDirs,
  })
}
