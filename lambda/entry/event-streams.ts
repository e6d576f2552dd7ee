/*
 * Replaces the SDK's event streams in bundles (lib/constructs/bundle.ts). The S3 client sets them up, but only
 * SelectObjectContent uses them.
 */

export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config;

export const eventStreamSerdeProvider = () => ({});
