import { z } from 'zod';
import { SmokeFailure, type StepResult, type StepRunner } from './steps.ts';
import type { SmokeResponse, SmokeWorld } from './world.ts';

/** Lifetime of the links: long enough for ten cold starts, but short, because a killed run leaves its links behind. */
const LINK_SECONDS = 300;

const Issued = z.object({ links: z.tuple([z.object({ tokenId: z.string(), token: z.string() })]) });
type IssuedLink = z.output<typeof Issued>['links'][0];
const Described = z.object({ state: z.string() });

export interface SmokeFile {
  /** A unique name under `private/`. */
  readonly asset: string;
  readonly bytes: Uint8Array;
}

/**
 * Issues, redeems, replays, and revokes links through the deployed functions. At the end, always deletes the file and
 * revokes live links.
 *
 * @param signal aborted by Ctrl-C, after which the test only cleans up
 * @throws SmokeFailure if a step fails
 */
export async function smokeTest(
  world: SmokeWorld,
  steps: StepRunner,
  file: SmokeFile,
  signal: AbortSignal,
): Promise<void> {
  const run: StepRunner['run'] = (step, act) => {
    signal.throwIfAborted();
    return steps.run(step, act);
  };
  const issued: IssuedLink[] = [];
  const issue = async (): Promise<StepResult<IssuedLink>> => {
    // Use a redirect even if the deployment delivers through a reverse proxy, because the test needs a URL to fetch.
    const body = { asset: file.asset, open: 'direct', delivery: 'redirect', expiresIn: LINK_SECONDS };
    const response = await world.call({ method: 'POST', resource: '/links', body });
    expectResponse(response, '201');
    const [link] = readResponse(Issued, response.body).links;
    issued.push(link);
    return { found: '201', value: link };
  };
  const redeem = ({ token }: IssuedLink) =>
    world.call({ method: 'POST', resource: '/redeem', body: { token } });
  const refused = async (link: IssuedLink, wanted: string): Promise<StepResult<void>> => {
    expectResponse(await redeem(link), wanted);
    return { found: wanted, value: undefined };
  };
  const isNow = async ({ tokenId }: IssuedLink, wanted: string): Promise<StepResult<void>> => {
    const path = `/links/${tokenId}`;
    const response = await world.call({ method: 'GET', resource: '/links/{tokenId}', path });
    expectResponse(response, '200');
    const { state } = readResponse(Described, response.body);
    if (state !== wanted) throw new SmokeFailure(`the link is not ${wanted}`);
    return { found: `200, ${wanted}`, value: undefined };
  };

  try {
    await run('put a file', async () => {
      await world.putFile(file.asset, file.bytes);
      return { found: `${file.bytes.length} bytes`, value: undefined };
    });
    const link = await run('issue a link', issue);
    await run('check it', () => isNow(link, 'live'));
    const url = await run('redeem it', async () => {
      const response = await redeem(link);
      expectResponse(response, '302');
      if (response.location === undefined) throw new SmokeFailure('302 without a Location header');
      return { found: '302', value: response.location };
    });
    await run('download', () => download(world, url, file.bytes));
    await run('redeem it again', () => refused(link, '403 token_redeemed'));
    await run('check it again', () => isNow(link, 'redeemed'));
    const other = await run('issue another', issue);
    await run('revoke the other', () => revoke(world, other));
    await run('redeem the other', () => refused(other, '403 token_revoked'));
  } finally {
    await steps.run('clean up', () => cleanUp(world, file, issued));
  }
}

async function download(world: SmokeWorld, url: string, wanted: Uint8Array): Promise<StepResult<void>> {
  const { status, bytes } = await world.download(url);
  if (status !== 200) throw new SmokeFailure(`${status} instead of 200`);
  if (!Buffer.from(bytes).equals(wanted)) throw new SmokeFailure('the bytes differ from the file');
  return { found: `200, the same ${bytes.length} bytes`, value: undefined };
}

async function revoke(world: SmokeWorld, { tokenId }: IssuedLink): Promise<StepResult<void>> {
  const path = `/links/${tokenId}`;
  expectResponse(await world.call({ method: 'DELETE', resource: '/links/{tokenId}', path }), '204');
  return { found: '204', value: undefined };
}

/** Deletes the file and revokes all links. Revoking an ended link changes nothing. */
async function cleanUp(
  world: SmokeWorld,
  { asset }: SmokeFile,
  issued: readonly IssuedLink[],
): Promise<StepResult<void>> {
  await world.removeFile(asset);
  for (const { tokenId } of issued) {
    await world.call({ method: 'DELETE', resource: '/links/{tokenId}', path: `/links/${tokenId}` });
  }
  return { found: 'the file is gone, and no link is live', value: undefined };
}

const Problem = z.object({ code: z.string().regex(/^[a-z_]{1,60}$/) });

/** Returns the parts of a response that are safe to show: its status, and the code if it is a problem. */
function shownResponse({ status, body }: SmokeResponse): string {
  const problem = Problem.safeParse(body);
  return problem.success ? `${status} ${problem.data.code}` : String(status);
}

/**
 * Checks a response's status, and its code if it is a problem.
 *
 * @throws SmokeFailure that shows only the status and the code
 */
function expectResponse(response: SmokeResponse, wanted: string): void {
  const shown = shownResponse(response);
  if (shown !== wanted) throw new SmokeFailure(`${shown} instead of ${wanted}`);
}

/**
 * Parses the body of a response.
 *
 * @throws SmokeFailure that names the missing member but does not show the body
 */
function readResponse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  throw new SmokeFailure(`the response lacks ${read.error.issues[0]?.path.join('.') || 'its body'}`);
}
