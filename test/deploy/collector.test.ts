import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { spanAttributes } from '../../src/telemetry/span-attributes.ts'
import { OUTCOMES, recordOf } from '../telemetry/fixtures.ts'
import { publishedPorts, ROOT, readCompose, readText, readYaml, serviceOf } from './files.ts'

const { JAEGER_BIN } = process.env
const skip = JAEGER_BIN ? false : 'no Jaeger: set JAEGER_BIN to the binary of Jaeger 2'

type Parts = Readonly<Record<string, unknown>>
type CollectorConfig = {
  readonly receivers: {
    readonly otlp: { readonly protocols: Readonly<Record<string, { readonly endpoint: string }>> }
  }
  readonly processors?: Parts
  readonly exporters: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly extensions?: Parts
  readonly service: {
    readonly extensions?: readonly string[]
    readonly pipelines: Readonly<
      Record<string, Readonly<Record<'receivers' | 'processors' | 'exporters', readonly string[]>>>
    >
  }
}
type Sampling = {
  readonly policies: readonly {
    readonly name: string
    readonly type: string
    readonly string_attribute?: { readonly key: string; readonly values: readonly string[] }
  }[]
}

for (const file of ['deploy/collector.yaml', 'deploy/jaeger.yaml']) {
  it(`${file} uses what it declares, and declares what it uses`, () => {
    const config = readYaml<CollectorConfig>(file)
    for (const kind of ['receivers', 'processors', 'exporters'] as const) {
      const used = Object.values(config.service.pipelines).flatMap(
        (pipeline) => pipeline[kind] ?? [],
      )
      assert.deepEqual([...new Set(used)].toSorted(), Object.keys(config[kind] ?? {}).toSorted())
    }
    const extensions = config.service.extensions ?? []
    assert.deepEqual(extensions.toSorted(), Object.keys(config.extensions ?? {}).toSorted())
  })
}

describe('Jaeger 2, which is a collector', { skip }, () => {
  for (const file of ['deploy/collector.yaml', 'deploy/jaeger.yaml']) {
    it(`takes ${file}`, async () => {
      await promisify(execFile)(JAEGER_BIN ?? '', ['validate', '--config', file], { cwd: ROOT })
    })
  }
})

describe('tail sampling', () => {
  const { tail_sampling: sampling } = readYaml<CollectorConfig>('deploy/collector.yaml')
    .processors as { tail_sampling: Sampling }

  it('keeps every decision that is not an allow, by the attribute that our spans have', () => {
    const rule = sampling.policies.find(({ type }) => type === 'string_attribute')?.string_attribute
    const told = OUTCOMES.map((outcome) => spanAttributes(recordOf(outcome))[rule?.key ?? ''])
    assert.deepEqual(
      rule?.values.toSorted(),
      told.filter((outcome) => outcome !== 'allow').toSorted(),
    )
  })

  it('gives each policy the settings of its type', () => {
    for (const policy of sampling.policies)
      assert.ok(Object.hasOwn(policy, policy.type), policy.name)
  })

  it('sees the same attribute on the span of Envoy', () => {
    assert.match(readText('envoy/envoy.yaml'), /- tag: stepgate\.outcome\n/)
  })
})

describe('Jaeger', () => {
  const compose = readCompose()
  const jaeger = readYaml<CollectorConfig>('deploy/jaeger.yaml')
  const { jaeger_query: query, jaeger_storage: store } = (jaeger.extensions ?? {}) as {
    readonly jaeger_query: { http: { endpoint: string }; storage: { traces: string } }
    readonly jaeger_storage: { readonly backends: Parts }
  }

  it('listens where the collector sends, and where people look', () => {
    const { endpoint } = readYaml<CollectorConfig>('deploy/collector.yaml').exporters.otlp ?? {}
    assert.equal(
      endpoint,
      jaeger.receivers.otlp.protocols.grpc?.endpoint.replace('0.0.0.0', 'jaeger'),
    )
    assert.deepEqual(publishedPorts(serviceOf(compose, 'jaeger')), [
      Number(query.http.endpoint.split(':')[1]),
    ])
  })

  it('reads from the storage that it writes to', () => {
    const { traces } = query.storage
    assert.equal(traces, jaeger.exporters.jaeger_storage_exporter?.trace_storage)
    assert.ok(Object.hasOwn(store.backends, traces))
  })
})
