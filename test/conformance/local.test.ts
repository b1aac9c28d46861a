/** The kit's own S3 must answer as AWS does, in all cases; so must any other that the environment names. */
import { startS3Server } from '../../src/testing/s3-server/index.ts'
import { namedS3 } from './named.ts'
import { s3Conformance } from './s3.ts'

s3Conformance({
  name: 'the local S3',
  differences: {},
  async connect() {
    const server = await startS3Server()
    const { endpoint, region, credentials } = server
    return { endpoint, region, credentials, session: server.issueSession(), close: () => server.close() }
  },
})

const named = namedS3()
if (named) s3Conformance(named)
