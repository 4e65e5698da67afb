/**
 * The messages of `proto/` as plain objects, absent where the wire has nothing. Reading is lenient, since Envoy may
 * leave anything out; writing is strict, so that an answer which allows can be told from one which does not by its type.
 */
export type CheckRequest = { readonly attributes?: AttributeContext }

/** `envoy.service.auth.v3.AttributeContext`, as far as it is read. */
export type AttributeContext = {
  readonly source?: Peer
  readonly request?: { readonly time?: Timestamp; readonly http?: HttpRequest }
  readonly contextExtensions?: Readonly<Record<string, string>>
  readonly metadataContext?: { readonly filterMetadata?: Readonly<Record<string, ReceivedStruct>> }
}

/** `google.protobuf.Struct` with any value in it. */
export type ReceivedStruct = { readonly fields?: Readonly<Record<string, ReceivedValue>> }

/** `google.protobuf.Value`; nothing set, or `nullValue`, is null. */
export type ReceivedValue = {
  readonly nullValue?: number
  readonly numberValue?: number
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly structValue?: ReceivedStruct
  readonly listValue?: { readonly values?: readonly ReceivedValue[] }
}

/** One end of the connection to Envoy; without a socket address for a Unix socket or an internal listener. */
export type Peer = {
  readonly address?: { readonly socketAddress?: { readonly address?: string } }
  readonly principal?: string
  readonly certificate?: string
}

/** `google.protobuf.Timestamp`. */
export type Timestamp = { readonly seconds?: number; readonly nanos?: number }

/** The request that Envoy asks about; `path` has the query, `headers` or `headerMap` is filled. */
export type HttpRequest = {
  readonly id?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly headerMap?: { readonly headers?: readonly RawHeader[] }
  readonly path?: string
  readonly host?: string
  readonly scheme?: string
  readonly protocol?: string
  readonly body?: string
  readonly rawBody?: Uint8Array
}

/** One header line under `encode_raw_headers`; the value is in `rawValue`, or in `value`. */
export type RawHeader = {
  readonly key?: string
  readonly value?: string
  readonly rawValue?: Uint8Array
}

/** The one answer there is. Envoy allows on code 0 and on nothing else that we can write. */
export type CheckResponse = Permission | Refusal

/** Code 0: the request goes on, with these headers set and removed. */
export type Permission = {
  readonly status: { readonly code: 0 }
  readonly okResponse: {
    readonly headers: readonly HeaderOption[]
    readonly headersToRemove: readonly string[]
  }
  readonly dynamicMetadata: Struct
}

/** Any other code: Envoy answers the client itself, with this status, these headers and this body. */
export type Refusal = {
  readonly status: { readonly code: RefusalCode }
  readonly deniedResponse: {
    readonly status: { readonly code: HttpStatus }
    readonly headers: readonly HeaderOption[]
    readonly body: string
  }
  readonly dynamicMetadata: Struct
}

/** `google.rpc.Code`: PERMISSION_DENIED, UNAVAILABLE, UNAUTHENTICATED. */
export type RefusalCode = 7 | 14 | 16

/** The statuses of `envoy.type.v3.StatusCode` that we answer with. */
export type HttpStatus = 302 | 400 | 401 | 403 | 503

/** A header to set; 2 is OVERWRITE_IF_EXISTS_OR_ADD, the action that means the same to every version of Envoy. */
export type HeaderOption = {
  readonly header: { readonly key: string; readonly value: string }
  readonly appendAction: 2
}

/** `google.protobuf.Struct` with the values that we write. */
export type Struct = { readonly fields: Readonly<Record<string, Value>> }

/** `google.protobuf.Value`. */
export type Value = { readonly stringValue: string } | { readonly structValue: Struct }

/** `google.rpc.ErrorInfo`. */
export type ErrorInfo = {
  /** UPPER_SNAKE_CASE, at most 63 characters. */
  readonly reason: string
  readonly domain: string
  readonly metadata: Readonly<Record<string, string>>
}
