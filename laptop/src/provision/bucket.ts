import { z } from 'zod';
import type { RunningS3 } from '../s3/s3.ts';
import type { StackModel, StackResource } from '../template/stack-model.ts';

export type BucketMaker = Pick<RunningS3, 'createBucket'>;

/** The API's origins: its default origin on AWS, and its origins in local mode. */
export interface ApiOrigins {
  readonly deployed: string;
  readonly local: readonly string[];
}

const DomainName = z.object({ DomainName: z.string() });

const texts = z.array(z.string());

const Properties = z.object({
  VersioningConfiguration: z.object({ Status: z.enum(['Enabled', 'Suspended']) }).optional(),
  BucketEncryption: z
    .object({
      ServerSideEncryptionConfiguration: z.array(
        z.object({
          ServerSideEncryptionByDefault: z.object({ KMSMasterKeyID: z.string().optional() }).optional(),
        }),
      ),
    })
    .optional(),
  CorsConfiguration: z
    .object({
      CorsRules: z.array(
        z.object({
          AllowedOrigins: texts,
          AllowedMethods: texts,
          AllowedHeaders: texts.default([]),
          ExposedHeaders: texts.default([]),
          MaxAge: z.number().optional(),
        }),
      ),
    })
    .optional(),
});

/**
 * Creates a bucket, or updates the settings of an existing one. In its CORS rules, local mode's origins replace the
 * deployed API's origins.
 */
export function provisionBucket(
  model: StackModel,
  resource: StackResource,
  { s3, origins }: { readonly s3: BucketMaker; readonly origins: ApiOrigins },
): void {
  const { VersioningConfiguration, BucketEncryption, CorsConfiguration } = model.read(resource, Properties);
  const hosts = model.ofType('AWS::ApiGateway::DomainName').map((host) => model.read(host, DomainName));
  const deployed = new Set([origins.deployed, ...hosts.map((host) => `https://${host.DomainName}`)]);
  const [rule] = BucketEncryption?.ServerSideEncryptionConfiguration ?? [];
  const defaultKmsKeyArn = rule?.ServerSideEncryptionByDefault?.KMSMasterKeyID;
  s3.createBucket(model.refOf(resource), {
    versioned: VersioningConfiguration?.Status === 'Enabled',
    ...(defaultKmsKeyArn === undefined ? {} : { defaultKmsKeyArn }),
    cors: (CorsConfiguration?.CorsRules ?? []).map(({ MaxAge, ...rule }) => ({
      allowedOrigins: rule.AllowedOrigins.flatMap((origin) =>
        deployed.has(origin) ? origins.local : [origin],
      ),
      allowedMethods: rule.AllowedMethods,
      allowedHeaders: rule.AllowedHeaders,
      exposedHeaders: rule.ExposedHeaders,
      ...(MaxAge === undefined ? {} : { maxAgeSeconds: MaxAge }),
    })),
  });
}
