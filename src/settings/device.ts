import { z } from 'zod'
import { badChoice, duration, headerName, mistake, text } from './leaf.ts'
import { type SecretReference, secretReference } from './secret.ts'
import { cookie } from './token.ts'

/** What Envoy writes when `forward_client_cert_details` is `SANITIZE_SET`. */
const certificate = z.enum(['x-forwarded-client-cert'])

type Source =
  | { readonly claim: string }
  | { readonly cookie: string; readonly key: SecretReference }
  | { readonly certificate: z.output<typeof certificate> }

const source = z
  .strictObject({
    claim: text.optional(),
    cookie: cookie.optional(),
    key: secretReference.optional(),
    certificate: certificate.optional(),
  })
  .transform(({ key, ...given }, context): Source => {
    if (given.cookie !== undefined && key === undefined) {
      const hint = 'the key that the application signs it with: without it anybody could make one'
      return mistake(context, 'bad-choice', 'a `cookie` needs a `key`', hint)
    }
    if (given.cookie === undefined && key !== undefined)
      return mistake(context, 'bad-choice', '`key` is for a `cookie`', 'remove it')
    const { claim, cookie: name, certificate: header } = given
    const [one, ...more] = [
      ...(claim === undefined ? [] : [{ claim }]),
      ...(name === undefined || key === undefined ? [] : [{ cookie: name, key }]),
      ...(header === undefined ? [] : [{ certificate: header }]),
    ]
    if (one !== undefined && more.length === 0) return one
    return badChoice(context, 'what tells devices apart', {
      claim,
      cookie: name,
      certificate: header,
    })
  })

type Standing = { readonly claim: string } | { readonly header: string } | { readonly file: string }

const standing = z
  .strictObject({
    claim: text.optional(),
    header: headerName.optional(),
    file: text.optional(),
  })
  .transform(({ claim, header, file }, context): Standing => {
    const [one, ...more] = [
      ...(claim === undefined ? [] : [{ claim }]),
      ...(header === undefined ? [] : [{ header }]),
      ...(file === undefined ? [] : [{ file }]),
    ]
    if (one !== undefined && more.length === 0) return one
    return badChoice(context, 'who knows devices', { claim, header, file })
  })

/** What tells devices apart, in the order in which it is asked, and who knows how they stand. */
export const device = z.strictObject({
  from: z.array(source).prefault([]),
  trusted: standing.optional(),
  reputation: standing.optional(),
  remember: duration('time', { least: '1h', most: '3650d' }).prefault('180d'),
})
