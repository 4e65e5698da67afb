import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRequest } from '../../src/envoy/read.ts'
import { accepted, lines, reading, SETTINGS } from './read-support.ts'

test('a method is upper-case token characters, and not CONNECT', () => {
  for (const method of ['GET', 'QUERY', 'M-SEARCH', 'X_1', "!#$%&'*+-.^_`|~"]) {
    assert.equal(accepted({ method }).method, method)
  }
  for (const method of [
    '',
    'get',
    'Get',
    'GET ',
    'GE T',
    'GET\n',
    'GÉT',
    'GET,PUT',
    'CONNECT',
    '\u0000',
  ]) {
    const expected = { kind: 'refused', reason: 'ambiguous-method', grpc: false }
    assert.deepEqual(reading({ method }), expected, JSON.stringify(method))
  }
  assert.equal(readRequest({}, SETTINGS).kind, 'refused')
})

test('an authority is compared in lower case, without port and trailing dot', () => {
  for (const [host, expected] of [
    ['A.Example.COM', 'a.example.com'],
    ['a.example.com:443', 'a.example.com'],
    ['a.example.com.', 'a.example.com'],
    ['a.example.com.:443', 'a.example.com'],
    ['a.example.com:', 'a.example.com'],
    ['[2001:DB8::1]:8080', '[2001:db8::1]'],
    ['[::1]', '[::1]'],
    ['127.0.0.1:80', '127.0.0.1'],
    ['a_b', 'a_b'],
  ] as const) {
    assert.equal(accepted({ host }).host, expected, host)
  }
  for (const host of [
    '',
    'a..b',
    '.a',
    'a..',
    'a@b',
    'a:80:90',
    'a b',
    'a,b',
    'a/b',
    'é.example',
    '::1',
    '[::1',
    'a%2eb',
    'a\u0000',
    '\u212a.example',
  ]) {
    const expected = { kind: 'refused', reason: 'ambiguous-path', grpc: false }
    assert.deepEqual(reading({ host }), expected, JSON.stringify(host))
  }
})

test('a query is read as a form, and never fails', () => {
  for (const [query, expected] of [
    ['', []],
    [
      'a=1&b=2&a=3',
      [
        ['a', ['1', '3']],
        ['b', ['2']],
      ],
    ],
    ['a+b=c+d', [['a b', ['c d']]]],
    [
      'a=%zz&b=%2&c=100%',
      [
        ['a', ['%zz']],
        ['b', ['%2']],
        ['c', ['100%']],
      ],
    ],
    ['a=%ff', [['a', ['\ufffd']]]],
    ['?a=1', [['?a', ['1']]]],
    ['a', [['a', ['']]]],
    ['=1&&', [['', ['1']]]],
    ['__proto__=1', [['__proto__', ['1']]]],
    ['a=1?b=2', [['a', ['1?b=2']]]],
  ] as const) {
    assert.deepEqual([...accepted({ path: `/x?${query}` }).query], expected, query)
  }
})

test('the client’s address is what the trusted hops say, in one notation', () => {
  const cases: [peer: string | undefined, hops: number, forwarded: string[], ip: string | null][] =
    [
      ['10.0.0.1', 0, ['203.0.113.9'], '10.0.0.1'],
      ['10.0.0.1', 1, ['203.0.113.9, 10.0.0.1'], '203.0.113.9'],
      ['10.0.0.1', 1, ['203.0.113.9'], '203.0.113.9'],
      ['10.0.0.1', 1, ['6.6.6.6,203.0.113.9', '10.0.0.1'], '203.0.113.9'],
      ['10.0.0.1', 2, ['6.6.6.6, 203.0.113.9, 10.0.0.9, 10.0.0.1'], '203.0.113.9'],
      ['10.0.0.1', 1, ['10.0.0.1'], '10.0.0.1'],
      ['10.0.0.1', 2, ['203.0.113.9, 10.0.0.1'], '10.0.0.1'],
      ['127.0.0.1', 1, ['203.0.113.9,192.0.2.2'], '203.0.113.9'],
      ['127.0.0.1', 1, ['203.0.113.9'], '127.0.0.1'],
      ['::1', 1, ['203.0.113.9, 2001:db8::7'], '203.0.113.9'],
      ['10.0.0.1', 1, [], '10.0.0.1'],
      ['10.0.0.1', 1, [''], null],
      ['10.0.0.1', 1, ['unknown, 10.0.0.1'], null],
      ['10.0.0.1', 1, ['203.0.113.9:4711, 10.0.0.1'], null],
      ['::ffff:10.0.0.1', 1, ['2001:DB8:0::1, 10.0.0.1'], '2001:db8::1'],
      ['2001:db8::1', 0, [], '2001:db8::1'],
      ['0x7f.1', 0, [], null],
      ['010.0.0.1', 0, [], null],
      ['127.1', 0, [], null],
      ['fe80::1%eth0', 0, [], null],
      [undefined, 0, [], null],
      [undefined, 1, ['203.0.113.9'], '203.0.113.9'],
    ]
  for (const [address, hops, forwarded, ip] of cases) {
    const source =
      address === undefined ? {} : { source: { address: { socketAddress: { address } } } }
    const http = lines(...forwarded.map((line): [string, string] => ['X-Forwarded-For', line]))
    assert.equal(
      accepted(http, source, hops).source.ip,
      ip,
      JSON.stringify([address, hops, forwarded]),
    )
  }
})
