import { z } from 'zod'
import { duration, isLoopback, mistake, text } from './leaf.ts'
import { secretReference } from './secret.ts'

/** Where tokens and a secret of ours are sent: https, since whoever sits on the way would have both. */
const endpoint = z.string().transform((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : null
  if (url === null || /[\s#]/.test(value) || url.username !== '' || url.password !== '') {
    const hint = 'copy `introspection_endpoint` from the provider’s metadata'
    const message = `\`${value}\` is not the URL of an endpoint`
    return mistake(context, 'bad-url', message, hint)
  }
  if (url.protocol === 'https:') return value
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return value
  const message = 'tokens must be sent over https: whoever sits on the way would have them'
  return mistake(context, 'bad-url', message, 'http is for loopback addresses only')
})

/** How an issuer is asked about its opaque tokens (RFC 7662); without `endpoint` its metadata say where. */
export const introspection = z.strictObject({
  endpoint: endpoint.optional(),
  client_id: text,
  client_secret: secretReference,
  cache: duration('time', { most: '5m' }).prefault('30s'),
  deadline: duration('deadline', { least: '1ms', most: '1s' }).prefault('100ms'),
})
