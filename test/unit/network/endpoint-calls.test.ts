import { describe, expect, test } from '@jest/globals';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { endpointCalls } from '../../../lib/constructs/network/endpoint-calls.ts';

const right = (actions: string[], conditions = {}) =>
  new PolicyStatement({ actions, resources: ['arn'], conditions });

describe('the calls of a function through endpoints', () => {
  test('are those of its rights, by service', () => {
    expect(endpointCalls([right(['kms:GenerateMac', 'ses:SendEmail']), right(['events:PutEvents'])])).toEqual(
      [
        { service: 'kms', actions: ['kms:GenerateMac'], resources: ['arn'] },
        { service: 'email', actions: ['ses:SendEmail'], resources: ['arn'] },
        { service: 'events', actions: ['events:PutEvents'], resources: ['arn'] },
      ],
    );
  });

  test('are not those that Lambda makes to feed it', () => {
    const fed = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'dynamodb:GetRecords', 'dynamodb:DescribeStream'];
    expect(endpointCalls([right(fed), right(['sqs:SendMessage'])])).toEqual([
      { service: 'sqs', actions: ['sqs:SendMessage'], resources: ['arn'] },
    ]);
  });

  test('are not those that services make for it', () => {
    const via = { StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } };
    expect(endpointCalls([right(['kms:Decrypt'], via)])).toEqual([]);
  });

  test('must have an endpoint', () => {
    expect(() => endpointCalls([right(['sns:Publish'])])).toThrow('A function may call sns:Publish.');
  });
});
