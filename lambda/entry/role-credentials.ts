import type { Credentials } from '../adapters/signed-requests.ts';

/**
 * Reads the region and the role's credentials from the environment variables that Lambda sets.
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
 * Replaces the SDK's credential provider chain in bundles (lib/constructs/bundle.ts). On Lambda, the chain would find
 * the same credentials, and its code for profiles, single sign-on, and instance metadata makes up a sixth of a bundle.
 */
export const defaultProvider = () => async (): Promise<Credentials> => caller().credentials;
