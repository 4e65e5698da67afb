import { Metadata } from '@grpc/grpc-js'
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import type { SpanExporter } from '@opentelemetry/sdk-trace'

/** Where spans go, and how. */
export type ExportSettings = {
  readonly protocol: 'grpc' | 'http/protobuf'
  /** For HTTP the whole URL, path included; for gRPC scheme, host and port: `http` is without TLS. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds for one export with all its retries. */
  readonly timeout: number
}

/** An exporter for the OpenTelemetry protocol (OTLP 1.x). It reads certificates and compression from `OTEL_*` itself. */
export function createExporter(settings: ExportSettings): SpanExporter {
  const { protocol, url, headers, timeout } = settings
  switch (protocol) {
    case 'grpc':
      return new GrpcExporter({ url, metadata: metadataOf(headers), timeoutMillis: timeout })
    case 'http/protobuf':
      return new HttpExporter({ url, headers, timeoutMillis: timeout })
  }
}

function metadataOf(headers: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  return metadata
}
