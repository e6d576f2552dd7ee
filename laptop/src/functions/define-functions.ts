import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { AccessKey } from '../access-keys.ts';
import { LaptopError } from '../laptop-error.ts';
import type { StackModel, StackResource } from '../template/stack-model.ts';
import type { FunctionDefinition } from './instance.ts';
import { openLogFile } from './log-file.ts';

const Properties = z.object({
  Handler: z.string().regex(/^[^.]+\.[^.]+$/),
  Runtime: z.string().startsWith('nodejs'),
  /** Lambda's defaults are 3 seconds and 128 MB. */
  Timeout: z.number().default(3),
  MemorySize: z.number().default(128),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }).default({ Variables: {} }),
});

/** The folders and environment variables that functions use in local mode. */
export interface FunctionHome {
  /** The folder of the cloud assembly, which contains the bundles. */
  readonly assemblyDir: string;
  readonly logDir: string;
  /** The functions' home directory. It deliberately does not exist, so functions cannot use the host's AWS profiles. */
  readonly homeDir: string;
  /** The services' URLs, by the suffix of their environment variables: `S3` for `AWS_ENDPOINT_URL_S3`. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** New values for variables that the template sets. */
  readonly substituted: Readonly<Record<string, string>>;
  /** The environment variable that contains a function's short name. */
  readonly nameVariable: string | undefined;
  accessKeyOf(functionName: string): AccessKey;
}

/** A function of the stack and its names. */
export interface DefinedFunction {
  /** The name for logs and messages: the value of the stack's name variable, or else the logical ID. */
  readonly shortName: string;
  readonly arn: string;
  readonly definition: FunctionDefinition;
}

/**
 * Reads the functions in the template that can be invoked, with their bundles, handlers, limits, and environments.
 *
 * @param invoked ARNs of the functions behind routes, queues, streams, and rules. Other functions run only during a
 *   deployment
 * @throws LaptopError if a bundle is missing or a variable does not resolve
 */
export function defineFunctions(
  model: StackModel,
  invoked: ReadonlySet<string>,
  home: FunctionHome,
): readonly DefinedFunction[] {
  const functions = model.ofType('AWS::Lambda::Function').map((resource) => ({
    resource,
    arn: resource.physical?.attributes.Arn ?? '',
  }));
  const used = functions.filter(({ arn }) => invoked.has(arn));
  return used.map(({ resource, arn }) => {
    const { Handler, Runtime, Timeout, MemorySize, Environment } = model.read(resource, Properties);
    const [fileName = '', exportName = ''] = Handler.split('.');
    const bundle = bundleOf(resource, home.assemblyDir);
    const functionName = model.refOf(resource);
    const shortName = Environment.Variables[home.nameVariable ?? ''] ?? resource.logicalId;
    const key = home.accessKeyOf(shortName);
    const definition: FunctionDefinition = {
      moduleUrl: moduleIn(bundle, fileName, resource.logicalId),
      // On Lambda, no folder above the bundle has a package.json. Here, a project's package.json could apply to the
      // bundle.
      ...(existsSync(join(bundle, 'package.json'))
        ? {}
        : { commonJsFolder: `${pathToFileURL(bundle).href}/` }),
      exportName,
      functionName,
      functionArn: arn,
      memoryMb: MemorySize,
      timeoutMs: Timeout * 1000,
      log: openLogFile(join(home.logDir, `${shortName}.log`)),
      environment: {
        ...lambdaEnvironment({ functionName, MemorySize, Handler, Runtime, region: model.place.region }),
        ...Environment.Variables,
        ...substitutes(Environment.Variables, home.substituted),
        AWS_ACCESS_KEY_ID: key.accessKeyId,
        AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
        AWS_SESSION_TOKEN: key.sessionToken ?? '',
        HOME: home.homeDir,
        ...Object.fromEntries(
          Object.entries(home.endpoints).map(([service, url]) => [`AWS_ENDPOINT_URL_${service}`, url]),
        ),
      },
    };
    return { shortName, arn, definition };
  });
}

/** Picks the new values for the variables that the function has in the template. */
function substitutes(
  variables: Readonly<Record<string, string>>,
  substituted: FunctionHome['substituted'],
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(substituted).filter(([name]) => name in variables));
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
function lambdaEnvironment(about: {
  readonly functionName: string;
  readonly MemorySize: number;
  readonly Handler: string;
  readonly Runtime: string;
  readonly region: string;
}): Readonly<Record<string, string>> {
  return {
    _HANDLER: about.Handler,
    AWS_REGION: about.region,
    AWS_DEFAULT_REGION: about.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${about.Runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: about.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(about.MemorySize),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${about.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'laptop',
    LANG: 'en_US.UTF-8',
  };
}

/** Finds the folder of a function's code in the CDK's metadata. */
function bundleOf({ logicalId, metadata }: StackResource, assemblyDir: string): string {
  const asset = metadata['aws:asset:path'];
  if (typeof asset !== 'string')
    throw new LaptopError(
      `The function ${logicalId} has no bundle in the assembly. Local mode does not support inline code or container images.`,
    );
  return join(assemblyDir, asset);
}

/** Returns the URL of the handler's module. Tries the same extensions as Lambda's runtime. */
function moduleIn(bundle: string, fileName: string, logicalId: string): string {
  const path = ['.js', '.mjs', '.cjs'].map((ending) => join(bundle, fileName + ending)).find(existsSync);
  if (path === undefined)
    throw new LaptopError(`The bundle of ${logicalId} does not contain the module '${fileName}'.`);
  return pathToFileURL(path).href;
}
