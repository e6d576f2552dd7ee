import { type APIGatewayClient, GetRestApiCommand } from '@aws-sdk/client-api-gateway';
import { DescribeVpcEndpointsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import type { ApiAccessFacts, EndpointFacts } from '../account.ts';
import { parsePolicy } from './parse-policy.ts';

/** @see https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApi.html */
export async function readApiAccess(client: APIGatewayClient, restApiId: string): Promise<ApiAccessFacts> {
  const { endpointConfiguration, policy } = await client.send(new GetRestApiCommand({ restApiId }));
  return {
    types: endpointConfiguration?.types ?? [],
    // API Gateway escapes the quotes in the JSON a second time.
    statements: policy === undefined ? [] : parsePolicy(policy.replaceAll('\\"', '"')),
  };
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html */
export async function readEndpoints(
  client: EC2Client,
  ids: readonly string[],
): Promise<readonly EndpointFacts[]> {
  const found = await client.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds: [...ids] }));
  return (found.VpcEndpoints ?? []).map((endpoint) => ({
    id: endpoint.VpcEndpointId ?? '',
    service: endpoint.ServiceName ?? '',
    state: endpoint.State ?? 'unknown',
    type: endpoint.VpcEndpointType ?? '',
    privateDns: endpoint.PrivateDnsEnabled === true,
    statements: endpoint.PolicyDocument === undefined ? [] : parsePolicy(endpoint.PolicyDocument),
  }));
}
