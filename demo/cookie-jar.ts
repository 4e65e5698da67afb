/** The cookies that one browser holds of one host. */
export type CookieJar = {
  /** The `Cookie` header for a path, undefined when no cookie is for it. */
  readonly header: (path: string) => string | undefined
  /** Takes what a response sets, or removes. */
  readonly take: (response: Response) => void
}

type Cookie = { readonly name: string; readonly value: string; readonly path: string }

/** An empty jar: names, paths and removal of RFC 6265, no more than a login at one host needs. */
export function createCookieJar(): CookieJar {
  const cookies = new Map<string, Cookie>()
  return {
    header(path) {
      const fitting = [...cookies.values()].filter((cookie) => covers(cookie.path, path))
      if (fitting.length === 0) return undefined
      return fitting.map(({ name, value }) => `${name}=${value}`).join('; ')
    },
    take(response) {
      for (const line of response.headers.getSetCookie()) {
        const cookie = parseCookie(line)
        const key = `${cookie.path} ${cookie.name}`
        if (cookie.value === '') cookies.delete(key)
        else cookies.set(key, cookie)
      }
    },
  }
}

/** What a browser with this jar does for a link, or for a form that is sent; redirects are for the caller to follow. */
export async function visit(
  jar: CookieJar,
  url: URL,
  form: URLSearchParams | null,
): Promise<Response> {
  const cookie = jar.header(url.pathname)
  const response = await fetch(url, {
    redirect: 'manual',
    headers: cookie === undefined ? {} : { cookie },
    ...(form === null ? {} : { method: 'POST', body: form }),
  })
  jar.take(response)
  return response
}

function parseCookie(line: string): Cookie {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
  const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice('path='.length)
  const equals = pair.indexOf('=')
  return { name: pair.slice(0, equals), value: pair.slice(equals + 1), path: path ?? '/' }
}

/** RFC 6265 §5.1.4. */
function covers(cookiePath: string, path: string): boolean {
  if (path === cookiePath) return true
  return path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`)
}
