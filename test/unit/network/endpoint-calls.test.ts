import { describe, expect, test } from '@jest/globals';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { endpointCalls } from '../../../lib/constructs/network/endpoint-calls.ts';

const permission = (actions: string[], conditions = {}) =>
  new PolicyStatement({ actions, resources: ['arn'], conditions });

describe('the calls that a function makes through VPC endpoints', () => {
  test('are those that its permissions allow, grouped by service', () => {
    expect(
      endpointCalls([permission(['kms:GenerateMac', 'ses:SendEmail']), permission(['events:PutEvents'])]),
    ).toEqual([
      { service: 'kms', actions: ['kms:GenerateMac'], resources: ['arn'] },
      { service: 'email', actions: ['ses:SendEmail'], resources: ['arn'] },
      { service: 'events', actions: ['events:PutEvents'], resources: ['arn'] },
    ]);
  });

  test("do not include the calls that Lambda makes to poll the function's event sources", () => {
    const fed = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'dynamodb:GetRecords', 'dynamodb:DescribeStream'];
    expect(endpointCalls([permission(fed), permission(['sqs:SendMessage'])])).toEqual([
      { service: 'sqs', actions: ['sqs:SendMessage'], resources: ['arn'] },
    ]);
  });

  test('do not include the calls that services make on behalf of the function', () => {
    const via = { StringEquals: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com' } };
    expect(endpointCalls([permission(['kms:Decrypt'], via)])).toEqual([]);
  });

  test('cannot be determined if a service has no endpoint', () => {
    expect(() => endpointCalls([permission(['sns:Publish'])])).toThrow('No known endpoint for sns:Publish.');
  });
});
