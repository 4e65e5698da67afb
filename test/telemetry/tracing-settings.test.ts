import assert from 'node:assert/strict'
import type { KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import { type Environment, readTracingSettings } from '../../src/telemetry/tracing-settings.ts'
import { certificate } from '../support/certificate.ts'

const pem = ({ key }: { readonly key: KeyObject }) =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString()
const SELF = certificate()
const FILES: Readonly<Record<string, string>> = {
  'cert.pem': SELF.pem,
  'key.pem': pem(SELF),
  'other.pem': pem(certificate()),
  'text.pem': 'no certificate',
}

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }

function readSettings(env: Environment, sample: number) {
  return readTracingSettings(env, { sample, kept_per_second: 7 }, (path) => {
    const text = FILES[path]
    if (text === undefined) throw new Error('ENOENT')
    return Buffer.from(text)
  })
}

describe('tracing is off', () => {
  const OFF = {
    'without an endpoint': {},
    'with an empty endpoint': { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' },
    'when the SDK is disabled': { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' },
    'when the exporter is none': { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' },
    'whatever the other variables say': { OTEL_TRACES_SAMPLER: 'nonsense' },
  }
  for (const [when, env] of Object.entries(OFF)) {
    it(when, () =>
      assert.deepEqual(readSettings(env, 1), {
        ok: true,
        settings: null,
        warnings: [],
      }),
    )
  }
})

describe('settings of tracing', () => {
  it('have defaults', () => {
    assert.deepEqual(readSettings(ENDPOINT, 0.1), {
      ok: true,
      settings: {
        protocol: 'http/protobuf',
        url: 'http://127.0.0.1:4318/v1/traces',
        headers: {},
        timeout: 2500,
        sampler: 'parentbased_traceidratio',
        ratio: 0.1,
        keptPerSecond: 7,
        serviceName: 'stepgate',
        resource: {},
      },
      warnings: [],
    })
  })

  const READ: [object, object][] = [
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c/otlp/' }, { url: 'https://c/otlp/v1/traces' }],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/x' }, { url: 'http://c/x' }],
    [
      { OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=2', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'b=3' },
      { headers: { a: '1', b: '3' } },
    ],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '9', OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '7' }, { timeout: 7 }],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, { protocol: 'http/protobuf' }],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, { protocol: 'grpc', url: 'http://127.0.0.1:4318' }],
    [
      {
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c:4317/ignored',
      },
      { protocol: 'grpc', url: 'https://c:4317' },
    ],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio' }, { sampler: 'traceidratio', ratio: 1 }],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' }, { ratio: 0.5 }],
    [{ OTEL_TRACES_SAMPLER: 'always_on', OTEL_TRACES_SAMPLER_ARG: 'x' }, { sampler: 'always_on' }],
    [
      { OTEL_RESOURCE_ATTRIBUTES: 'service.name=a, k%3D=%C3%A9' },
      { serviceName: 'a', resource: { 'service.name': 'a', 'k=': 'é' } },
    ],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=a', OTEL_SERVICE_NAME: 'b' }, { serviceName: 'b' }],
  ]
  for (const [env, expected] of READ) {
    it(`read ${JSON.stringify(env)}`, () => {
      const result = readSettings({ ...ENDPOINT, ...env }, 1)
      assert.ok(result.ok && result.settings)
      assert.deepEqual({ ...result.settings, ...expected }, result.settings)
    })
  }

  const WRONG: Record<string, string[]> = {
    OTEL_EXPORTER_OTLP_ENDPOINT: ['127.0.0.1:4318', 'grpc://c:4317', 'nonsense'],
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ['file:///tmp/x'],
    OTEL_EXPORTER_OTLP_PROTOCOL: ['GRPC', 'http/json'],
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: ['http'],
    OTEL_EXPORTER_OTLP_TIMEOUT: ['0', '-1', 'soon', '1e9'],
    OTEL_EXPORTER_OTLP_HEADERS: ['a=b,c', '=b', 'a=', 'a b=c', 'a=%zz', 'a=%0Ab', 'a'],
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: ['a=b,c'],
    OTEL_EXPORTER_OTLP_CERTIFICATE: ['gone.pem', 'text.pem'],
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: ['gone.pem'],
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: ['cert.pem'],
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: ['key.pem'],
    OTEL_TRACES_EXPORTER: ['zipkin'],
    OTEL_TRACES_SAMPLER: ['sometimes', 'TRACEIDRATIO'],
    OTEL_RESOURCE_ATTRIBUTES: ['a', '=b', 'a=b=c', 'a=%zz', 'a=1,b'],
  }
  for (const [name, values] of Object.entries(WRONG)) {
    for (const value of values) {
      it(`refuse ${name}=${value} by name, without repeating the value`, () => {
        const result = readSettings({ ...ENDPOINT, [name]: value }, 1)
        assert.ok(!result.ok)
        const [issue, ...more] = result.issues
        assert.equal(more.length, 0)
        assert.equal(issue?.file, 'environment')
        assert.ok(issue?.message.startsWith(`${name} `) && issue.hint !== null)
      })
    }
  }

  const CLIENT: Record<string, [string, string, RegExp | null]> = {
    'that belong together': ['cert.pem', 'key.pem', null],
    'of which one cannot be read': ['cert.pem', 'gone.pem', /^\S+_KEY names a file that cannot/],
    'of different pairs': ['cert.pem', 'other.pem', /^\S+_CERTIFICATE names no certificate of/],
    'of which one is none': ['text.pem', 'key.pem', /^\S+_CERTIFICATE names no certificate of/],
  }
  for (const [which, [cert, key, says]] of Object.entries(CLIENT)) {
    it(`${says ? 'refuse' : 'take'} a certificate and a key ${which}`, () => {
      const env = {
        OTEL_EXPORTER_OTLP_CERTIFICATE: 'cert.pem',
        OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: cert,
        OTEL_EXPORTER_OTLP_CLIENT_KEY: key,
      }
      const result = readSettings({ ...ENDPOINT, ...env }, 1)
      const messages = result.ok ? [] : result.issues.map(({ message }) => message)
      assert.equal(messages.length, says ? 1 : 0)
      assert.match(messages[0] ?? '', says ?? /^$/)
    })
  }

  for (const name of ['OTEL_EXPORTER_OTLP_COMPRESSION', 'OTEL_EXPORTER_OTLP_TRACES_COMPRESSION']) {
    it(`warn of a ${name} that nobody knows, and take those that are`, () => {
      for (const known of ['gzip', 'none', ' ']) {
        const result = readSettings({ ...ENDPOINT, [name]: known }, 1)
        assert.deepEqual(result.ok && result.warnings, [])
      }
      const result = readSettings({ ...ENDPOINT, [name]: 'zip' }, 1)
      assert.ok(result.ok && result.settings)
      assert.deepEqual(
        result.warnings.map(({ severity, message, hint }) => [severity, message, hint]),
        [['warning', `${name} names an unknown compression and is ignored`, 'gzip or none']],
      )
    })
  }

  for (const ratio of ['-0.1', '1.1', 'half']) {
    it(`refuse the ratio ${ratio}`, () => {
      const env = {
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: ratio,
      }
      assert.ok(!readSettings({ ...ENDPOINT, ...env }, 1).ok)
    })
  }

  it('report every mistake at once', () => {
    const env = { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'udp', OTEL_TRACES_SAMPLER: 'x' }
    const result = readSettings(env, 1)
    assert.equal(!result.ok && result.issues.length, 2)
  })
})
