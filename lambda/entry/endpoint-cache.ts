/**
 * Replaces the SDK's cache of discovered endpoints in bundles (lib/constructs/bundle.ts). The DynamoDB client creates a
 * cache, although none of its commands discovers an endpoint.
 */
export class EndpointCache {}
