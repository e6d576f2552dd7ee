import { DomainName, type DomainNameOptions, type IRestApi, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ApiGatewayDomain } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { setLogicalId } from './logical-id.ts';
import { pointHost } from './point-host.ts';

export interface ApiDomainProps {
  readonly config: Config;
  readonly rest: RestApi;
  readonly tls: Pick<DomainNameOptions, 'securityPolicy' | 'endpointAccessMode'>;
}

/**
 * Gives the API the host name from the options, if any, with the stage at `/`. The name has the same TLS policy as the
 * API, because API Gateway negotiates TLS according to the policy of the host name (API Gateway Developer Guide,
 * "Choose a security policy for your custom domain").
 */
export function addApiDomain(scope: Construct, { config, rest, tls }: ApiDomainProps): void {
  const { apiDomain: domainName, apiCertificateArn } = config;
  if (domainName === undefined || apiCertificateArn === undefined) return;
  const certificate = Certificate.fromCertificateArn(scope, 'ApiCertificate', apiCertificateArn);
  const domain = new DomainName(scope, 'ApiDomain', {
    domainName,
    certificate,
    mapping: rest as IRestApi,
    ...tls,
  });
  setLogicalId(domain, 'ApiDomain');
  pointHost(scope, 'ApiDomain', {
    config,
    host: domainName,
    target: new ApiGatewayDomain(domain),
    targetName: domain.domainNameAliasDomainName,
  });
}
