import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../../lib/read-config.ts';
import { problemsOf } from './config-problems.ts';

describe('the options for a private network', () => {
  const VPC = 'vpc-0123456789abcdef0';
  const committed = (options: object) => ({ tvm: { network: 'private', ...options } });
  const existing = (options: object = {}) =>
    committed({
      vpcId: VPC,
      subnetIds: ['subnet-0123456789abcdef0'],
      routeTableIds: ['rtb-0123456789abcdef0'],
      networkCidrs: ['10.0.0.0/8'],
      ...options,
    });

  test('are read from cdk.json', () => {
    expect(readConfig(committed({ vpcCidr: '10.20.0.0/24' }))).toMatchObject({ vpcCidr: '10.20.0.0/24' });
    expect(readConfig(existing({ endpointIds: ['kms=vpce-01234567/sg-01234567'] }))).toMatchObject({
      vpcId: VPC,
      endpointIds: ['kms=vpce-01234567/sg-01234567'],
    });
  });

  test.each(['private', 'public'])(
    'reject -c network=%s, because the next deployment could leave it out',
    (network) => {
      expect(problemsOf({ network })).toEqual([expect.stringMatching(/^network: is not accepted with -c/)]);
      expect(problemsOf({ ...committed({}), network })).toHaveLength(1);
    },
  );

  test.each<[string, object, string]>([
    ['a VPC without private', { tvm: { vpcId: VPC } }, 'vpcId: requires "network": "private"'],
    ['ranges without private', { tvm: { networkCidrs: ['10.0.0.0/8'] } }, 'networkCidrs: requires "network"'],
    ['subnets without a VPC', committed({ subnetIds: ['subnet-01234567'] }), 'subnetIds: requires vpcId'],
    [
      'an S3 endpoint that the bucket denies',
      committed({ s3Endpoint: 'bucket.vpce-0abc-1def.s3.eu-west-1.vpce.amazonaws.com' }),
      's3Endpoint: must belong to an endpoint',
    ],
    [
      'an S3 endpoint that is not created, because endpointIds names one for readers',
      existing({
        networkCidrs: ['10.0.0.0/8'],
        endpointIds: ['s3=vpce-01234567', 's3=vpce-12345678'],
        s3Endpoint: 'bucket.vpce-0abc-1def.s3.eu-west-1.vpce.amazonaws.com',
      }),
      's3Endpoint: must belong to an endpoint',
    ],
    ['a VPC without subnets', existing({ subnetIds: [] }), 'subnetIds: is required with vpcId'],
    ['a VPC without route tables', existing({ routeTableIds: [] }), 'routeTableIds: is required with vpcId'],
    ['a VPC that nobody can reach', existing({ networkCidrs: [] }), 'networkCidrs: is required with vpcId'],
    [
      'a range for an existing VPC',
      existing({ vpcCidr: '10.0.0.0/16' }),
      'vpcCidr: cannot be combined with vpcId',
    ],
    [
      'an interface endpoint without its security group',
      existing({ endpointIds: ['kms=vpce-01234567'] }),
      'endpointIds: must name the security group',
    ],
    [
      'the whole internet',
      committed({ networkCidrs: ['0.0.0.0/0'] }),
      'networkCidrs.0: must contain only ranges',
    ],
    [
      'a range that does not begin with its first address',
      committed({ networkCidrs: ['10.1.0.0/8'] }),
      'networkCidrs.0: must',
    ],
    [
      'more ranges than a security group may have',
      committed({ networkCidrs: Array.from({ length: 51 }, (_, index) => `10.${index}.0.0/16`) }),
      'networkCidrs: must not contain more than 50 ranges',
    ],
    ['a VPC that is too small', committed({ vpcCidr: '10.0.0.0/28' }), 'vpcCidr: must be a range'],
    [
      'bearer tokens',
      committed({ oidcIssuer: 'https://login.example.org' }),
      'oidcIssuer: does not work in a private network',
    ],
  ])('reject %s', (_what, context, problem) => {
    expect(problemsOf({ ...context })).toEqual([expect.stringContaining(problem)]);
  });
});
