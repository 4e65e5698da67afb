import type { MultiMap } from './access-request.ts'

/**
 * Every value that a request has for a cookie (RFC 6265 §5.4), without the double quotes around it; the name is compared
 * with case. A name behind a comma is part of another cookie's value, which a neighbouring subdomain may have set, or of a
 * line that Envoy has joined: nobody can tell, so its value keeps the comma, and no form fits it.
 */
export function cookieValues(headers: MultiMap, name: string): readonly string[] {
  return (headers.get('cookie') ?? []).flatMap((line) => valuesIn(line, name))
}

function valuesIn(line: string, name: string): string[] {
  if (!line.includes(name)) return []
  return line.split(';').flatMap((cookie) => {
    const [, ...joined] = cookie.split(',')
    const hidden = joined.flatMap((pair) => valueIn(pair, name).map((value) => `,${value}`))
    return [...valueIn(cookie, name), ...hidden]
  })
}

/** Browsers set names with other blanks in front on any subdomain: to them those have not the prefix `__Host-`. */
function valueIn(pair: string, name: string): string[] {
  const [own = '', ...value] = pair.split('=')
  return VISIBLE.test(own) && own.trim() === name ? [unquoted(value.join('=').trim())] : []
}

const VISIBLE = /^[\t\x20-\x7e]*$/

function unquoted(value: string): string {
  return /^"(.*)"$/s.exec(value)?.[1] ?? value
}
