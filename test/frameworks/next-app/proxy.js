import { NextResponse } from 'next/server'

/** Calls that pass a proxy come to the route with a copy of their body. */
export const config = { matcher: ['/proxied/:path*'] }

export const proxy = ({ url }) => NextResponse.rewrite(url.replace('/proxied/', '/'))
