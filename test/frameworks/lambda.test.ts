/** The signer on Lambda, called as Lambda calls: with an event, the types being those of `@types/aws-lambda`. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'

import { toLambdaHandler } from '../../src/server/adapters/lambda.ts'
import { functionUrlEvent, httpApiEvent } from './lambda-events.ts'
import type { Started } from './server-suite.ts'
import { describeServer } from './server-suite.ts'
import type { StoreAddress } from './signer.ts'
import { makeSigner } from './signer.ts'

/** Function URLs send the same: `LambdaFunctionURLEvent` is another name of it. */
type Event = APIGatewayProxyEventV2
type Answer = (event: Event) => Promise<APIGatewayProxyStructuredResultV2>

/** What the front of Lambda makes of a function's answer. */
function toResponse(result: APIGatewayProxyStructuredResultV2): Response {
  const { statusCode = 200, headers = {}, cookies = [], body = '', isBase64Encoded = false } = result
  const list = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)])
  for (const cookie of cookies) list.push(['set-cookie', cookie])
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')
  return new Response(statusCode === 204 ? null : bytes, { status: statusCode, headers: list })
}

const start =
  (toEvent: (request: Request) => Promise<Event>) =>
  async (store: StoreAddress): Promise<Started> => {
    const handler: Answer = toLambdaHandler(makeSigner(store))
    return {
      url: 'https://abcdefghij.lambda-url.eu-central-1.on.aws/api/uploads',
      send: async (request) => toResponse(await handler(await toEvent(request))),
      close: () => Promise.resolve(),
    }
  }

describeServer('a function URL of AWS Lambda', start(functionUrlEvent), { noConnection: true })
describeServer('an HTTP API of API Gateway', start(httpApiEvent), { noConnection: true })
