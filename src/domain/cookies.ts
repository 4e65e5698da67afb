import type { MultiMap } from './access-request.ts'

/**
 * Every value that a request has for a cookie (RFC 6265 §5.4), without the double quotes around it; the name is compared
 * with case. Cookies are separated by `;`, and by the `,` with which Envoy joins the lines of HTTP/2.
 */
export function cookieValues(headers: MultiMap, name: string): readonly string[] {
  return (headers.get('cookie') ?? []).flatMap((line) => valuesIn(line, name))
}

function valuesIn(line: string, name: string): string[] {
  if (!line.includes(name)) return []
  return line.split(/[;,]/).flatMap((pair) => {
    const [own = '', ...value] = pair.split('=')
    return own.trim() === name ? [unquoted(value.join('=').trim())] : []
  })
}

function unquoted(value: string): string {
  return /^"(.*)"$/s.exec(value)?.[1] ?? value
}
