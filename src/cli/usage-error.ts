/** The command line is wrong; the help follows. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
