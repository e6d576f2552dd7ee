/**
 * Stands in for the SDK's cache of discovered endpoints in bundles (lib/constructs/bundle.ts). DynamoDB's client makes one,
 * and none of its commands discovers an endpoint.
 */
export class EndpointCache {}
