/** Who signs. Never logged, never part of a message. */
export interface S3Credentials {
  /** Public half of the key pair; it stands in every signed request. */
  readonly accessKeyId: string
  /** Secret half: signs, and is never sent. */
  readonly secretAccessKey: string
  /** With temporary credentials (STS, roles): sent along with each request. They die with it, whatever was signed. */
  readonly sessionToken?: string
}
