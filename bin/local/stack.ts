import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMON_OUTPUTS, UPLOAD_OUTPUTS } from '../../cli/tvm/deployment.ts';
import { cachedAssembly, fingerprint } from '../../laptop/src/assembly.ts';
import type { Endpoints as LaptopEndpoints } from '../../laptop/src/endpoints.ts';
import { LaptopError } from '../../laptop/src/laptop-error.ts';
import type { LaptopStack } from '../../laptop/src/laptop-stack.ts';
import { offerSample } from './sample-file.ts';

/** Deploy options by name, as under `tvm` in cdk.json. */
export type DeployOptions = Readonly<Record<string, unknown>>;

const PROJECT_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The conventional cache folder. `npm ci` empties it. */
const CACHE = join(PROJECT_ROOT, 'node_modules', '.cache', 'token-vending-machine');

/** Everything that templates and bundles are built from. */
const SOURCES = ['lib', 'lambda', 'cdk.json', 'package.json', 'package-lock.json', 'tsconfig.json'].map(
  (source) => join(PROJECT_ROOT, source),
);

/**
 * The outputs of the stack, by the names that `tvm` reads in the endpoints file. The API's outputs are left out,
 * because local mode itself provides them.
 */
const { apiUrl: _url, restApiId: _id, ...OUTPUTS } = COMMON_OUTPUTS;

type Output = keyof typeof OUTPUTS;

/** The URLs, credentials, and resource names of local mode, for tests, scripts, and users. */
export type Endpoints = LaptopEndpoints<Output> &
  Readonly<Partial<Record<keyof typeof UPLOAD_OUTPUTS, string>>>;

/** Describes this project's stack to local mode. */
export const vendingStack = (options: DeployOptions): LaptopStack<Output> => ({
  name: 'token-vending-machine',
  outputs: OUTPUTS,
  optionalOutputs: UPLOAD_OUTPUTS,
  functionNameVariable: 'SERVICE_NAME',
  ignoredTypes: {
    'AWS::CloudFront::Distribution': 'downloads come from the bucket itself',
    'AWS::CloudFront::OriginRequestPolicy': 'downloads come from the bucket itself',
    'AWS::CloudTrail::Trail': 'local mode records no audit trail',
    'AWS::Route53::RecordSet': 'local mode has its own address',
    'AWS::SES::ConfigurationSetEventDestination': 'no mail bounces here',
    'AWS::SNS::Subscription': 'no alarms are raised here',
    'AWS::SNS::Topic': 'no alarms are raised here',
    'AWS::SNS::TopicPolicy': 'no alarms are raised here',
    'AWS::WAFv2::WebACLAssociation': 'only this computer can reach local mode',
  },
  assembly: (log) => synthesized(options, log),
  environment: ({ api, s3, kms, guardduty, events }) => ({
    // A committed `proxyOrigin` is ignored, because it is the address of the deployment on AWS.
    PUBLIC_ORIGIN: String(options.proxyOrigin ?? api),
    FILES_ORIGIN: s3,
    S3_ENDPOINT: s3,
    DOWNLOAD_ORIGIN: localDownloads(options) ?? s3,
    KMS_URL: kms,
    GUARDDUTY_URL: guardduty,
    EVENTS_URL: events,
  }),
  seed: ({ s3 }, { bucket }) => offerSample(s3, bucket),
});

/** Returns the origin of `downloadHost` if it is a proxy on this computer. Any other host leads to a bucket in AWS. */
function localDownloads({ downloadHost }: DeployOptions): string | undefined {
  const isLocal = typeof downloadHost === 'string' && /\.localhost(:\d+)?$/.test(downloadHost);
  return isLocal ? `http://${downloadHost}` : undefined;
}

async function synthesized(options: DeployOptions, log: (line: string) => void): Promise<string> {
  return cachedAssembly({ dir: CACHE, sources: SOURCES, options }, async (outdir) => {
    log('Synthesizing the stack (cached for the next start)');
    // Loaded on demand, because the CDK takes a while to load.
    const [app, { ConfigError }] = await Promise.all([
      import('../../lib/app.ts'),
      import('../../lib/read-config.ts'),
    ]);
    try {
      const context = app.projectContext(forLocalMode(options, app.projectContext().tvm));
      app.synthesize(context, outdir, bundleFolder());
    } catch (error) {
      throw error instanceof ConfigError ? new LaptopError(error.message) : error;
    }
  });
}

/** Age after which bundles of older sources count as unused, in milliseconds. */
const UNUSED_MS = 3_600_000;

/** Returns the folder for the current sources' bundles, whatever the options, and removes unused older folders. */
export function bundleFolder(): string {
  const name = `bundles-${fingerprint({ sources: SOURCES, options: null })}`;
  mkdirSync(join(CACHE, name), { recursive: true });
  for (const other of readdirSync(CACHE)) {
    const path = join(CACHE, other);
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const isOld = other.startsWith('bundles-') && Date.now() - changed > UNUSED_MS;
    if (isOld && other !== name) rmSync(path, { recursive: true, force: true });
  }
  return join(CACHE, name);
}

const WITHOUT_NETWORK: DeployOptions = {
  network: 'public',
  vpcCidr: undefined,
  vpcId: undefined,
  subnetIds: undefined,
  routeTableIds: undefined,
  endpointIds: undefined,
  networkCidrs: undefined,
};

/**
 * Returns the options for local mode. A sender (which the stack requires) and events (which `tvm watch` shows) are
 * added unless they are set. Options for a private network are removed, because local mode has no such network.
 */
export function forLocalMode(options: DeployOptions, committed: unknown): DeployOptions {
  const given = { ...(typeof committed === 'object' ? committed : {}), ...options };
  const hasSender = 'senderEmail' in given || 'senderDomain' in given;
  return {
    ...(!hasSender && { senderEmail: 'files@example.com' }),
    ...(!('events' in given) && { events: true }),
    ...options,
    ...WITHOUT_NETWORK,
  };
}
