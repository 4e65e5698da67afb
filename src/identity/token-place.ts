/** Where an issuer's tokens arrive, as the settings have it; header names in lower case. */
export type TokenPlace =
  | { readonly from: 'authorization' }
  | { readonly header: string }
  | { readonly cookie: string }
  | { readonly metadata: string }

/** A place as one text: two are equal when the places are. */
export function placeId(place: TokenPlace): string {
  return Object.entries(place).flat().join(' ')
}

/** What the places of some issuers need from `envoy/read.ts`: the filters whose metadata is looked into, once each. */
export function metadataNamespaces(
  issuers: readonly { readonly token: TokenPlace }[],
): readonly string[] {
  const names = issuers.flatMap(({ token }) => ('metadata' in token ? [token.metadata] : []))
  return [...new Set(names)]
}
