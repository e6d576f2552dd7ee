import { z } from 'zod';
import { LaptopError } from '../laptop-error.ts';
import type { StackModel } from '../template/stack-model.ts';

/** API Gateway's names for the errors that it generates. */
type GatewayErrorType =
  | 'ACCESS_DENIED'
  | 'DEFAULT_5XX'
  | 'INTEGRATION_TIMEOUT'
  | 'INVALID_SIGNATURE'
  | 'MISSING_AUTHENTICATION_TOKEN'
  | 'REQUEST_TOO_LARGE';

/** An error that the gateway returns if a request does not reach a function, or if the function fails. */
export interface GatewayError {
  readonly type: GatewayErrorType;
  /** Overrides the status in {@link DEFAULTS}. The template's status overrides both. */
  readonly status?: number;
  /** Overrides the message in {@link DEFAULTS}. */
  readonly message?: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** Creates the response for an error that API Gateway generates, customized by the template. */
export type GatewayResponses = (error: GatewayError, request: { readonly requestId: string }) => HttpResponse;

/** API Gateway's default status and message, which the template can override. */
const DEFAULTS: Readonly<Record<GatewayErrorType, { readonly status: number; readonly message: string }>> = {
  ACCESS_DENIED: { status: 403, message: 'User is not authorized to access this resource' },
  // API Gateway's response if a function fails.
  DEFAULT_5XX: { status: 502, message: 'Internal server error' },
  INTEGRATION_TIMEOUT: { status: 504, message: 'Endpoint request timed out' },
  INVALID_SIGNATURE: { status: 403, message: 'The request signature does not match.' },
  MISSING_AUTHENTICATION_TOKEN: { status: 403, message: 'Missing Authentication Token' },
  REQUEST_TOO_LARGE: { status: 413, message: 'Request Too Long' },
};

const Properties = z.object({
  ResponseType: z.string(),
  StatusCode: z
    .string()
    .regex(/^[1-5]\d\d$/)
    .optional(),
  ResponseParameters: z
    .record(z.string().startsWith('gatewayresponse.header.'), z.string().regex(/^'[^']*'$/))
    .default({}),
  ResponseTemplates: z.record(z.string(), z.string()).default({}),
});

type Reshaped = z.output<typeof Properties>;

/**
 * Reads the template's gateway responses. An error type without a response of its own uses `DEFAULT_4XX` or
 * `DEFAULT_5XX`, but keeps its own status if the default response sets none.
 *
 * @throws LaptopError if a header is not a literal, or if a response template contains anything other than literals and
 *   `$context` variables
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export function readGatewayResponses(model: StackModel): GatewayResponses {
  const reshaped = new Map<string, Reshaped>();
  for (const resource of model.ofType('AWS::ApiGateway::GatewayResponse')) {
    const properties = model.read(resource, Properties);
    for (const template of Object.values(properties.ResponseTemplates))
      refuseLogic(template, resource.logicalId);
    reshaped.set(properties.ResponseType, properties);
  }
  return ({ type, status, message }, { requestId }) => {
    const standard = DEFAULTS[type];
    const shape = reshaped.get(type) ?? reshaped.get(standard.status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
    const [mediaType, template] = Object.entries(shape?.ResponseTemplates ?? {})[0] ?? [
      'application/json',
      '{"message":$context.error.messageString}',
    ];
    const text = message ?? standard.message;
    const headers = new Map<string, readonly [string, string]>([
      ['content-type', ['Content-Type', mediaType]],
    ]);
    for (const [parameter, literal] of Object.entries(shape?.ResponseParameters ?? {})) {
      const name = parameter.slice('gatewayresponse.header.'.length);
      headers.set(name.toLowerCase(), [name, literal.slice(1, -1)]);
    }
    const body = render(template, {
      'error.messageString': JSON.stringify(text),
      'error.message': text,
      'error.responseType': type,
      requestId,
    });
    return {
      status: Number(shape?.StatusCode ?? status ?? standard.status),
      headers: [...headers.values()],
      body: Buffer.from(body),
    };
  };
}

const VARIABLES = ['error.messageString', 'error.message', 'error.responseType', 'requestId'] as const;

function render(template: string, values: Readonly<Record<(typeof VARIABLES)[number], string>>): string {
  return VARIABLES.reduce((text, name) => text.replaceAll(`$context.${name}`, () => values[name]), template);
}

/** Rejects a template that contains Velocity directives, comments, or variables other than {@link VARIABLES}. */
function refuseLogic(template: string, logicalId: string): void {
  const rest = VARIABLES.reduce((text, name) => text.replaceAll(`$context.${name}`, ''), template);
  if (!/\$[A-Za-z!{]|#[A-Za-z{#*]/.test(rest)) return;
  throw new LaptopError(
    `Local mode cannot render the template of the gateway response ${logicalId}. Use only literals and $context variables.`,
  );
}
