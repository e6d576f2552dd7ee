import { describe, expect, test } from '@jest/globals';
import { provisionBucket } from '../src/provision/bucket.ts';
import type { BucketSettings } from '../src/s3/bucket.ts';
import { openStackModel } from '../src/template/stack-model.ts';
import { parseTemplate } from '../src/template/template.ts';

const place = {
  region: 'us-east-1',
  accountId: '000000000000',
  stackName: 'Stack',
  queueUrl: (name: string) => `http://127.0.0.1:1/000000000000/${name}`,
};

const API_ORIGIN = {
  'Fn::Join': ['', ['https://', { Ref: 'Api' }, '.execute-api.us-east-1.', { Ref: 'AWS::URLSuffix' }]],
};

/** Returns the settings of a bucket with these properties. The local API is on port 8787. */
function settingsOf(Properties: object): BucketSettings | undefined {
  const Resources = {
    Api: { Type: 'AWS::ApiGateway::RestApi' },
    B: { Type: 'AWS::S3::Bucket', Properties },
    Host: { Type: 'AWS::ApiGateway::DomainName', Properties: { DomainName: 'api.example.org' } },
  };
  const model = openStackModel(parseTemplate({ Resources }), place);
  const [api, bucket] = model.resources;
  if (api === undefined || bucket === undefined) throw new Error('The template lacks the API or the bucket.');
  const made = new Map<string, BucketSettings>();
  provisionBucket(model, bucket, {
    s3: { createBucket: (name, settings) => void made.set(name, settings) },
    origins: {
      deployed: `https://${model.refOf(api)}.execute-api.us-east-1.amazonaws.com`,
      local: ['http://127.0.0.1:8787', 'http://localhost:8787'],
    },
  });
  return made.get('stack-b');
}

describe('a bucket in the template', () => {
  test('gets its versioning setting and its KMS key', () => {
    const settings = settingsOf({
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { KMSMasterKeyID: 'key' } }],
      },
    });
    expect(settings).toEqual({ versioned: true, defaultKmsKeyArn: 'key', cors: [] });
  });

  test('gets CORS rules in which local origins replace the deployed ones', () => {
    const settings = settingsOf({
      CorsConfiguration: {
        CorsRules: [
          {
            AllowedOrigins: [API_ORIGIN, 'https://example.com'],
            AllowedMethods: ['PUT'],
            AllowedHeaders: ['*'],
            ExposedHeaders: ['ETag'],
            MaxAge: 60,
          },
          { AllowedOrigins: ['*'], AllowedMethods: ['GET'] },
          { AllowedOrigins: ['https://api.example.org'], AllowedMethods: ['POST'] },
        ],
      },
    });
    expect(settings?.cors).toEqual([
      {
        allowedOrigins: ['http://127.0.0.1:8787', 'http://localhost:8787', 'https://example.com'],
        allowedMethods: ['PUT'],
        allowedHeaders: ['*'],
        exposedHeaders: ['ETag'],
        maxAgeSeconds: 60,
      },
      { allowedOrigins: ['*'], allowedMethods: ['GET'], allowedHeaders: [], exposedHeaders: [] },
      {
        allowedOrigins: ['http://127.0.0.1:8787', 'http://localhost:8787'],
        allowedMethods: ['POST'],
        allowedHeaders: [],
        exposedHeaders: [],
      },
    ]);
  });
});
