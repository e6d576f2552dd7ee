import { describe, expect, test } from '@jest/globals';
import { configSchema } from '../../../lib/config.ts';
import { resource, resourcesOf, SENDER, templateOf } from '../../infra/template.ts';
import { read, section } from './markdown.ts';

const page = read('docs/networks/private.md');

/** Returns the options of each deployment that a part of the page asks for, in order. */
const deploymentsIn = (text: string) =>
  [...text.matchAll(/npx cdk deploy(?: -c (\S+))?$/gm)].map(([, option]) => option);

describe('the page about private networks', () => {
  // "If you migrate the endpoint type of an API from private to Regional, you must set the IP address type to dualstack.
  // After the endpoint migration completes, you can change the IP address type to IPv4" (API Gateway Developer Guide, "IP
  // address types for REST APIs in API Gateway"). Otherwise, the API would keep it, and links that are limited to IPv4
  // networks would be refused to the same people at their IPv6 addresses.
  test.each([
    ['a public API', { network: 'public' }, 'ipv4'],
    ['a private API', { network: 'private' }, 'dualstack'],
    ['an API that changes between the two', { network: 'public', endpointAccess: 'basic' }, 'dualstack'],
  ])('relies on the addresses of %s', (_name, options, type) => {
    const { EndpointConfiguration } = resource(
      templateOf({ senderEmail: SENDER, ...options }),
      'Api',
    ).Properties;
    expect(EndpointConfiguration).toMatchObject({ IpAddressType: type });
  });

  // "If the endpoint access mode of an API or domain name is STRICT, you can't change the endpoint type" (API Gateway
  // Developer Guide, "Security policies for REST APIs in API Gateway").
  test.each([
    ['to private', section(page, '### To private'), 'public', 'private'],
    ['back to the internet', section(page, '### Back to the internet'), 'private', 'public'],
  ])('switches %s only while the API has basic endpoint access', (_name, text, from, to) => {
    const [before, during, after] = deploymentsIn(text).map((option) =>
      option === undefined ? {} : Object.fromEntries([option.split('=')]),
    );
    const modes = [
      { ...before, network: from },
      { ...during, network: to },
      { ...after, network: to },
    ].map((options) => {
      const { EndpointAccessMode } = resource(
        templateOf({ senderEmail: SENDER, ...options }),
        'Api',
      ).Properties;
      return EndpointAccessMode;
    });
    expect(modes).toEqual(['BASIC', 'BASIC', 'STRICT']);
  });

  // With a whole zone, every request of the network to S3 and API Gateway in the region would go through endpoints whose
  // policies admit nothing but this stack.
  test('forwards only the names of the API and of the bucket to the VPC', () => {
    const text = section(page, '## Let your network in');
    expect(text).not.toMatch(/`(?:execute-api|s3)\.REGION\.amazonaws\.com`/);
    expect(text).toMatch(/Forward only these two names/);
    expect(section(page, '## What you get')).not.toMatch(/from anywhere\./);
  });

  // With private DNS, the name of a service resolves to the endpoint in the whole VPC (AWS PrivateLink Guide, "Access an
  // AWS service using an interface VPC endpoint"). The endpoint admits only the functions' security group and roles.
  test('warns that new endpoints take their services away from everything else in an existing VPC', () => {
    const template = templateOf({
      senderEmail: SENDER,
      network: 'private',
      events: true,
      vpcId: 'vpc-0123456789abcdef0',
      subnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
      endpointIds: ['s3=vpce-00000001', 'dynamodb=vpce-00000002'],
      networkCidrs: ['10.0.0.0/8'],
    });
    const taken = resourcesOf(template, 'AWS::EC2::VPCEndpoint')
      .map(([, { Properties }]) => JSON.stringify(Properties.ServiceName).match(/\.([a-z-0-9]+)"/)?.[1])
      .filter((service) => service !== 's3');
    expect(taken.length).toBeGreaterThan(0);
    const [warning = ''] =
      section(page, '## Use an existing VPC').match(/\*\*Everything else in the VPC[\s\S]*?\n\n/) ?? [];
    expect(taken.filter((service) => !warning.includes(`\`${service}\``))).toEqual([]);
    expect(configSchema.shape.vpcId.description).toMatch(/[Ee]verything else in it/);
  });
});
