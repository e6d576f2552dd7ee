/**
 * Replaces the SDK's cache of discovered endpoints in bundles (lib/constructs/bundle.ts). DynamoDB's client creates one, although
 * none of its commands discovers an endpoint.
 */
export class EndpointCache {}
