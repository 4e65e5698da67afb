import { ADA, claiming, claimingText, type TokenCase, tokenTable } from './token-table.ts'
import { CLAIMS, ISSUER, NOW, token } from './tokens.ts'

const { leeway } = ISSUER
const STRICT = { issuer: { leeway: 0 } }

tokenTable('exp', [
  ['the last second of the leeway', claiming({ exp: NOW - leeway + 1 }), ADA],
  ['the end of the leeway', claiming({ exp: NOW - leeway }), 'expired'],
  ['a second past it', claiming({ exp: NOW - leeway - 1 }), 'expired'],
  ['a fraction before the end', claiming({ exp: NOW - leeway + 0.5 }), ADA],
  ['a fraction past the end', claiming({ exp: NOW - leeway - 0.5 }), 'expired'],
  ['a second ahead, without leeway', claiming({ exp: NOW + 1 }), ADA, STRICT],
  ['now, without leeway', claiming({ exp: NOW }), 'expired', STRICT],
  ['long ago', claiming({ exp: 1 }), 'expired'],
  ['zero', claiming({ exp: 0 }), 'expired'],
  ['negative', claiming({ exp: -1 }), 'expired'],
  ['1e400', withExp('1e400'), 'claims-invalid'],
  ['-1e400', withExp('-1e400'), 'claims-invalid'],
  ['in milliseconds', claiming({ exp: (NOW + 300) * 1000 }), 'claims-invalid'],
  ['the last number of seconds', claiming({ exp: 1e11 }), ADA],
  ['the first of milliseconds', claiming({ exp: 1e11 + 1 }), 'claims-invalid'],
  ['absent', claiming({ exp: undefined }), 'claims-invalid'],
])

tokenTable('nbf', [
  ['absent', claiming({ nbf: undefined }), ADA],
  ['now', claiming({ nbf: NOW }), ADA],
  ['the end of the leeway', claiming({ nbf: NOW + leeway }), ADA],
  ['a second past it', claiming({ nbf: NOW + leeway + 1 }), 'not-yet-valid'],
  ['a fraction past it', claiming({ nbf: NOW + leeway + 0.5 }), 'not-yet-valid'],
  ['a second ahead, without leeway', claiming({ nbf: NOW + 1 }), 'not-yet-valid', STRICT],
  ['now, without leeway', claiming({ nbf: NOW }), ADA, STRICT],
  ['long ago', claiming({ nbf: 1 }), ADA],
  ['negative', claiming({ nbf: -1 }), ADA],
  ['1e400', claimingText('"nbf":1e400'), 'claims-invalid'],
  ['-1e400', claimingText('"nbf":-1e400'), 'claims-invalid'],
  ['in milliseconds', claiming({ nbf: NOW * 1000 }), 'claims-invalid'],
])

tokenTable('iat', [
  ['absent', claiming({ iat: undefined }), { ...Object(ADA), issuedAt: undefined }],
  ['now', claiming({ iat: NOW }), { issuedAt: NOW }],
  ['the end of the leeway', claiming({ iat: NOW + leeway }), { issuedAt: NOW + leeway }],
  ['a second past it', claiming({ iat: NOW + leeway + 1 }), 'not-yet-valid'],
  ['a fraction past it', claiming({ iat: NOW + leeway + 0.5 }), 'not-yet-valid'],
  ['a second ahead, without leeway', claiming({ iat: NOW + 1 }), 'not-yet-valid', STRICT],
  ['now, without leeway', claiming({ iat: NOW }), ADA, STRICT],
  ['long ago', claiming({ iat: 1 }), { issuedAt: 1 }],
  ['zero', claiming({ iat: 0 }), { issuedAt: undefined }],
  ['negative', claiming({ iat: -1 }), { issuedAt: undefined }],
  ['1e400', withIat('1e400'), 'claims-invalid'],
  ['-1e400', withIat('-1e400'), 'claims-invalid'],
  ['in milliseconds', claiming({ iat: NOW * 1000 }), 'claims-invalid'],
])

/** What is no number is no time, whatever it looks like. */
const ODD: readonly (readonly [string, unknown])[] = [
  ['text', String(NOW)],
  ['a date', new Date(NOW * 1000).toISOString()],
  ['a list', [NOW]],
  ['an object', { seconds: NOW }],
  ['true', true],
  ['null', null],
]

tokenTable('a time that is', [
  ...['exp', 'nbf', 'iat'].flatMap((claim) =>
    ODD.map(
      ([name, value]): TokenCase => [
        `${name}, in ${claim}`,
        claiming({ [claim]: value }),
        'claims-invalid',
      ],
    ),
  ),
])

function withExp(number: string): string {
  return token(JSON.stringify(CLAIMS).replace(/"exp":\d+/, `"exp":${number}`))
}

function withIat(number: string): string {
  return token(JSON.stringify(CLAIMS).replace(/"iat":\d+/, `"iat":${number}`))
}
