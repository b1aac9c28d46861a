/** The bytes of a digest in base64, as S3 writes them. */
export function toBase64(bytes: Uint8Array): string {
  // `Uint8Array.toBase64` is too young (Chrome 140, Safari 18.2).
  return btoa(String.fromCharCode(...bytes))
}

/** The bytes of a digest, or undefined where it is not base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
  } catch {
    return undefined
  }
}
