/** Requests as Lambda gets them, in the shape that AWS documents for payload format 2.0. */
import type { APIGatewayProxyEventV2, LambdaFunctionURLEvent } from 'aws-lambda'

/** What both kinds have in common. */
async function payload(request: Request) {
  const url = new URL(request.url)
  const { cookie, ...headers } = Object.fromEntries(request.headers)
  const body = await request.text()
  return {
    method: request.method,
    path: url.pathname,
    cookie,
    body,
    event: {
      version: '2.0',
      routeKey: '$default',
      rawPath: url.pathname,
      rawQueryString: url.search.slice(1),
      ...(cookie !== undefined && { cookies: cookie.split('; ') }),
      headers: {
        ...headers,
        host: url.host,
        'x-amzn-trace-id': 'Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e',
        'x-forwarded-for': '205.255.255.176',
        'x-forwarded-port': '443',
        'x-forwarded-proto': 'https',
      },
    },
    context: {
      accountId: '123456789012',
      apiId: 'abcdefghij',
      domainName: url.host,
      domainPrefix: 'abcdefghij',
      requestId: 'e1506fd5-9e7b-434f-bd42-4f8fa224b599',
      routeKey: '$default',
      stage: '$default',
      time: '20/Nov/2026:12:00:00 +0000',
      timeEpoch: 1_795_176_000_000,
    },
    http: {
      method: request.method,
      path: url.pathname,
      protocol: 'HTTP/1.1',
      sourceIp: '205.255.255.176',
      userAgent: 'agent',
    },
  }
}

/** Function URLs leave the cookies among the headers too, and send bodies as base64 or as they are. */
export async function functionUrlEvent(request: Request): Promise<LambdaFunctionURLEvent> {
  const { event, context, http, body, cookie } = await payload(request)
  return {
    ...event,
    headers: { ...event.headers, ...(cookie !== undefined && { cookie }) },
    requestContext: { ...context, http },
    ...(body && { body: Buffer.from(body).toString('base64') }),
    isBase64Encoded: body !== '',
  }
}

/** An HTTP API takes the cookies out of the headers, and sends JSON as it is. */
export async function httpApiEvent(request: Request): Promise<APIGatewayProxyEventV2> {
  const { event, context, http, body } = await payload(request)
  return {
    ...event,
    requestContext: { ...context, http },
    ...(body && { body }),
    isBase64Encoded: false,
  }
}
