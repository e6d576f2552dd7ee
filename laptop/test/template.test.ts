import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { refuseUnknownTypes } from '../src/provision/resource-types.ts';
import { resolveIntrinsics } from '../src/template/intrinsics.ts';
import { openStackModel } from '../src/template/stack-model.ts';
import { parseTemplate } from '../src/template/template.ts';

const references = {
  ref: (name: string) => ({ Table: 'tokens', 'AWS::Region': 'us-east-1', List: ['a', 'b'] })[name],
  attribute: (id: string, name: string) => (id === 'Table' && name === 'Arn' ? 'arn:table' : undefined),
};
const resolve = (value: unknown): unknown => resolveIntrinsics(value, references, 'Owner');

describe('intrinsic functions', () => {
  test.each([
    ['Ref', { Ref: 'Table' }, 'tokens'],
    ['Fn::GetAtt of a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'arn:table'],
    ['Fn::GetAtt of a string', { 'Fn::GetAtt': 'Table.Arn' }, 'arn:table'],
    ['Fn::Join', { 'Fn::Join': ['-', ['x', { Ref: 'Table' }, 1]] }, 'x-tokens-1'],
    ['Fn::Join of a referenced list', { 'Fn::Join': [',', { Ref: 'List' }] }, 'a,b'],
    [
      'Fn::Split and Fn::Select',
      { 'Fn::Select': ['1', { 'Fn::Split': [':', { 'Fn::GetAtt': 'Table.Arn' }] }] },
      'table',
    ],
    ['Fn::Sub', { 'Fn::Sub': `\${Table}@\${AWS::Region}/\${Table.Arn}` }, 'tokens@us-east-1/arn:table'],
    [
      'Fn::Sub with variables',
      { 'Fn::Sub': [`\${x}-\${Table}`, { x: { Ref: 'AWS::Region' } }] },
      'us-east-1-tokens',
    ],
    ['Fn::Sub with a literal', { 'Fn::Sub': `\${!Table}` }, `\${Table}`],
    [
      'an object without functions',
      { a: [1, null, { b: true }], c: {} },
      { a: [1, null, { b: true }], c: {} },
    ],
  ])('%s is resolved', (_name, value, expected) => {
    expect(resolve(value)).toEqual(expected);
  });

  test('AWS::NoValue removes a property', () => {
    expect(resolve({ kept: [1, { Ref: 'AWS::NoValue' }], gone: { Ref: 'AWS::NoValue' } })).toEqual({
      kept: [1],
    });
  });

  test.each([
    ['an unsupported function', { 'Fn::ImportValue': 'x' }, 'resource Owner uses Fn::ImportValue'],
    ['a condition', { 'Fn::If': ['c', 1, 2] }, 'resource Owner uses Fn::If'],
    ['an unknown reference', { Ref: 'Gone' }, 'resource Owner refers to Gone'],
    ['an unknown attribute', { 'Fn::GetAtt': ['Table', 'StreamArn'] }, 'refers to Table.StreamArn'],
    ['an index beyond the list', { 'Fn::Select': [7, ['a']] }, 'resource Owner has a malformed Fn::Select'],
    ['a join without a list', { 'Fn::Join': [','] }, 'resource Owner has a malformed Fn::Join'],
  ])('the error for %s names the resource', (_name, value, message) => {
    expect(() => resolve({ deep: [value] })).toThrow(message);
  });
});

describe('the stack', () => {
  const place = {
    region: 'us-east-1',
    accountId: '111122223333',
    stackName: 'Small',
    queueUrl: (name: string) => `http://queue/${name}`,
  };
  const open = (Resources: object, Parameters = {}) =>
    openStackModel(parseTemplate({ Resources, Parameters }), place);
  const values = (model: ReturnType<typeof open>) => {
    const reader = model.resources.find(({ logicalId }) => logicalId === 'Reader');
    return reader && model.read(reader, z.object({ values: z.unknown() })).values;
  };
  const Arn = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });

  test('resource names are the same on every start', () => {
    const Resources = {
      Table: { Type: 'AWS::DynamoDB::Table' },
      Named: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'mine' } },
      Files: { Type: 'AWS::S3::Bucket' },
      Queue: { Type: 'AWS::SQS::Queue' },
      Key: { Type: 'AWS::KMS::Key' },
      Other: { Type: 'AWS::KMS::Key' },
      Reader: {
        Type: 'X',
        Properties: {
          values: [
            { Ref: 'Table' },
            Arn('Named'),
            { 'Fn::GetAtt': ['Files', 'RegionalDomainName'] },
            { Ref: 'Queue' },
            Arn('Queue'),
            { Ref: 'Key' },
            { Ref: 'Other' },
          ],
        },
      },
    };
    const [table, named, bucket, queue, queueArn, key, other] = values(open(Resources)) as string[];
    expect([table, named, bucket, queue, queueArn]).toEqual([
      'Small-Table',
      'arn:aws:dynamodb:us-east-1:111122223333:table/mine',
      'small-files.s3.us-east-1.amazonaws.com',
      'http://queue/Small-Queue',
      'arn:aws:sqs:us-east-1:111122223333:Small-Queue',
    ]);
    expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(other).not.toBe(key);
    expect((values(open(Resources)) as string[])[5]).toBe(key);
  });

  test('pseudo parameters and parameters with a default are resolved', () => {
    const Properties = { values: [{ Ref: 'AWS::AccountId' }, { Ref: 'AWS::StackName' }, { Ref: 'Given' }] };
    const model = open({ Reader: { Type: 'X', Properties } }, { Given: { Default: 'x' }, Missing: {} });
    expect(values(model)).toEqual(['111122223333', 'Small', 'x']);
  });

  test('only properties in the schema are read, and the error for an invalid property names the resource', () => {
    const model = open({
      Table: { Type: 'T', Properties: { size: 'big', other: { 'Fn::ImportValue': 'x' } } },
    });
    const [table] = model.resources;
    if (table === undefined) throw new Error('no resource');
    expect(model.read(table, z.object({ size: z.string() }))).toEqual({ size: 'big' });
    expect(() => model.read(table, z.object({ size: z.number() }))).toThrow(
      'cannot create the resource Table (T): size: ',
    );
  });

  test('a computed resource name is rejected', () => {
    const Properties = { TableName: { Ref: 'AWS::StackName' } };
    expect(() => open({ Table: { Type: 'AWS::DynamoDB::Table', Properties } })).toThrow(
      'Table computes its TableName',
    );
  });

  test('the error for unknown resource types lists their resources, but not resources of ignored types', () => {
    const model = open({
      Alarm: { Type: 'AWS::CloudWatch::Alarm' },
      Table: { Type: 'AWS::DynamoDB::Table' },
      Cluster: { Type: 'AWS::ECS::Cluster' },
      Cache: { Type: 'AWS::ElastiCache::CacheCluster' },
    });
    expect(() => refuseUnknownTypes(model, { 'AWS::ECS::Cluster': 'nothing runs in it' })).toThrow(
      'these resources in the template: Cache (AWS::ElastiCache::CacheCluster).',
    );
  });
});
