import type { Credentials } from '../adapters/json-service.ts';

/**
 * Reads what Lambda puts into the environment of a function: its region and the credentials of its role, which stay valid for
 * as long as the instance lives.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function caller(): { readonly region: string; readonly credentials: Credentials } {
  const { AWS_REGION = '', AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  return {
    region: AWS_REGION,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
      ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
    },
  };
}

/**
 * Stands in for the provider chain of the SDK in bundles (lib/constructs/bundle.ts). The chain also looks for single sign-on,
 * profiles and instance metadata, none of which a function has, and is a sixth of a bundle.
 */
export const defaultProvider = () => async (): Promise<Credentials> => caller().credentials;
