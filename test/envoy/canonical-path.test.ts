import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalPath, MAX_PATH, type PathAmbiguity } from '../../src/domain/canonical-path.ts'

const ACCEPTED: readonly [
  raw: string,
  text: string,
  segments: readonly string[],
  query?: string,
][] = [
  ['/', '/', ['']],
  ['/v1/licenses', '/v1/licenses', ['v1', 'licenses']],
  ['/v1/licenses/', '/v1/licenses/', ['v1', 'licenses', '']],
  ['/v1/%6cicenses', '/v1/licenses', ['v1', 'licenses']],
  ['/a%2Db%5f%7e', '/a-b_~', ['a-b_~']],
  ['/a%3ab/c', '/a%3Ab/c', ['a:b', 'c']],
  ['/L-1:activate', '/L-1:activate', ['L-1:activate']],
  ['/caf%c3%a9', '/caf%C3%A9', ['café']],
  ['/a%20b', '/a%20b', ['a b']],
  ['/a.b/..c/...', '/a.b/..c/...', ['a.b', '..c', '...']],
  ['/a|b^[c]', '/a|b^[c]', ['a|b^[c]']],
  ['/__proto__/constructor', '/__proto__/constructor', ['__proto__', 'constructor']],
  ['/a?x=1&y=2', '/a', ['a'], 'x=1&y=2'],
  ['/a?', '/a', ['a'], ''],
  ['/a?x=/../b//;%2f%zz?y', '/a', ['a'], 'x=/../b//;%2f%zz?y'],
  [`/${'a'.repeat(MAX_PATH - 1)}`, `/${'a'.repeat(MAX_PATH - 1)}`, ['a'.repeat(MAX_PATH - 1)]],
]

const REFUSED: Record<PathAmbiguity, readonly string[]> = {
  'not-absolute': ['', '*', 'a', 'http://host/a', '?a', '%2fa', '.', 'licensing.example.com:443'],
  'too-long': [`/${'a'.repeat(MAX_PATH)}`],
  fragment: ['/a#b', '/a?x#b', '/#'],
  character: [
    '/a b',
    '/a\u0000',
    '/a\r\nb',
    '/a\tb',
    '/\u007f',
    '/é',
    '/\u00c0\u00af',
    '/a?\n',
    '/a?é',
  ],
  backslash: ['/a\\b', '/..\\a', '/\\\\host'],
  'bad-escape': ['/%zz', '/%', '/%2', '/a%%41', '/%u002f', '/%g1'],
  'double-encoding': ['/%252F', '/%252e%252e/a', '/100%25', '/%2541', '/%25'],
  'encoded-delimiter': [
    '/a%2Fb',
    '/a%2fb',
    '/a%5Cb',
    '/a%5c..%5cb',
    '/a%3Fb',
    '/a%23b',
    '/..%2fa',
    '/L-1%3Aactivate',
    '/L-1%3aactivate/',
  ],
  parameter: ['/a;x=1', '/a;/b', '/a/..;/b', '/a%3Bb', '/a%3b', '/;'],
  control: ['/%00', '/a%0d%0ab', '/%7f', '/%1F', '/%c2%80', '/%C2%9f'],
  'invalid-utf8': [
    '/%c0%af',
    '/%c0%ae%c0%ae/a',
    '/%e0%80%af',
    '/%ff',
    '/%c3',
    '/%ed%a0%80',
    '/%f8%80%80%80%af',
  ],
  'dot-segment': [
    '/.',
    '/..',
    '/a/../b',
    '/a/./b',
    '/%2e',
    '/%2E%2e/a',
    '/.%2e',
    '/a/..',
    '/a/.?x',
  ],
  'empty-segment': ['//', '//a', '/a//b', '/a//', '///'],
}

test('a path with one reading gets its one form', () => {
  for (const [raw, text, segments, query = ''] of ACCEPTED) {
    assert.deepEqual(canonicalPath(raw), { kind: 'path', path: { text, segments }, query }, raw)
  }
})

test('a path with two readings is refused, and says why', () => {
  for (const [why, spellings] of Object.entries(REFUSED)) {
    for (const raw of spellings) {
      assert.deepEqual(canonicalPath(raw), { kind: 'ambiguous', why }, JSON.stringify(raw))
    }
  }
})

const part = fc.oneof(
  fc.constantFrom(
    '/',
    '%',
    '%2',
    '%2F',
    '%25',
    '%2e',
    '.',
    '..',
    ';',
    '?',
    '#',
    '\\',
    '%c3%a9',
    '%41',
    'a',
    ':',
  ),
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, '0')}`),
)
const target = fc.array(part, { maxLength: 12 }).map((parts) => `/${parts.join('')}`)

test('whatever is accepted has safe segments, and its own form is its form', () => {
  let accepted = 0
  fc.assert(
    fc.property(fc.oneof(target, fc.string({ unit: 'binary' })), (raw) => {
      const reading = canonicalPath(raw)
      if (reading.kind === 'ambiguous') return
      accepted++
      const { path } = reading
      assert.deepEqual(canonicalPath(path.text), { kind: 'path', path, query: '' })
      assert.deepEqual(path.text.slice(1).split('/').map(decodeURIComponent), path.segments)
      for (const segment of path.segments) {
        assert.doesNotMatch(segment, /[/\\;%?#\p{Cc}]|^\.{1,2}$/u)
      }
      assert.ok(!path.segments.slice(0, -1).includes(''))
    }),
    { numRuns: 4000 },
  )
  assert.ok(accepted > 100, `only ${accepted} of the paths were accepted`)
})
