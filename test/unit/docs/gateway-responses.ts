import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { addGatewayProblems } from '../../../lib/constructs/gateway-problems.ts';
import { inFolder } from '../../infra/template.ts';

interface GatewayResponse {
  readonly ResponseType: string;
  readonly StatusCode?: string;
  readonly ResponseParameters: Readonly<Record<string, string>>;
  readonly ResponseTemplates: { readonly 'application/json': string };
}

/** The responses that API Gateway sends on its own. */
export const gatewayResponses: readonly GatewayResponse[] = inFolder((outdir) => {
  const app = new App({ outdir, analyticsReporting: false, builtinCloudFormationValidation: false });
  const stack = new Stack(app);
  const api = new RestApi(stack, 'Api');
  api.root.addMethod('GET');
  addGatewayProblems(api);
  const found = Template.fromStack(stack).findResources('AWS::ApiGateway::GatewayResponse');
  return Object.values(found).map(({ Properties }) => Properties as GatewayResponse);
});
