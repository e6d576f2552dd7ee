import { describe, expect, test } from '@jest/globals';
import { smokeTest } from '../../../smoke/smoke-test.ts';
import { createStepRunner, SmokeFailure } from '../../../smoke/steps.ts';
import type { SmokeCall, SmokeResponse, SmokeWorld } from '../../../smoke/world.ts';

const FILE = { asset: 'private/smoke/one.txt', bytes: Buffer.from('sixty-four bytes or so') };
const URL_OF_FILE = 'https://files.example.org/?X-Amz-Signature=secret';

/** An in-memory deployment that redeems each token once. */
class FakeWorld implements SmokeWorld {
  readonly files = new Map<string, Uint8Array>();
  readonly states = new Map<string, string>();
  readonly calls: string[] = [];

  async putFile(asset: string, bytes: Uint8Array): Promise<void> {
    this.files.set(asset, bytes);
  }

  async removeFile(asset: string): Promise<void> {
    this.files.delete(asset);
  }

  async download(url: string): Promise<{ readonly status: number; readonly bytes: Uint8Array }> {
    expect(url).toBe(URL_OF_FILE);
    return { status: 200, bytes: this.files.get(FILE.asset) ?? Buffer.alloc(0) };
  }

  async call(call: SmokeCall): Promise<SmokeResponse> {
    this.calls.push(`${call.method} ${call.resource}`);
    const id = call.path?.split('/').at(-1) ?? '';
    switch (`${call.method} ${call.resource}`) {
      case 'POST /links':
        return this.issue();
      case 'GET /links/{tokenId}':
        return { status: 200, body: { state: this.states.get(id) } };
      case 'DELETE /links/{tokenId}':
        if (this.states.get(id) === 'live') this.states.set(id, 'revoked');
        return { status: 204, body: undefined };
      default:
        return this.redeem((call.body as { token: string }).token.slice('tvm_'.length));
    }
  }

  issue(): SmokeResponse {
    const tokenId = `id${this.states.size}`;
    this.states.set(tokenId, 'live');
    return { status: 201, body: { links: [{ tokenId, token: `tvm_${tokenId}` }] } };
  }

  redeem(id: string): SmokeResponse {
    const state = this.states.get(id) ?? 'unknown';
    if (state !== 'live') return { status: 403, body: { code: `token_${state}` } };
    this.states.set(id, 'redeemed');
    return { status: 302, location: URL_OF_FILE, body: undefined };
  }
}

async function tried(world: SmokeWorld, signal = new AbortController().signal) {
  const said: string[] = [];
  const steps = createStepRunner(
    () => 0,
    ({ step, ok, found }) => said.push(`${ok ? 'ok' : 'no'} ${step}: ${found}`),
    (error) => (error instanceof Error ? error.name : ''),
  );
  const outcome = await smokeTest(world, steps, FILE, signal).then(
    () => 'well',
    (error: unknown) => (error instanceof SmokeFailure ? 'failed' : 'stopped'),
  );
  return { said, outcome };
}

describe('smokeTest', () => {
  test('redeems a link once, expects a refusal the second time, and leaves nothing behind', async () => {
    const world = new FakeWorld();
    const { said, outcome } = await tried(world);
    expect(outcome).toBe('well');
    expect(said).toEqual([
      'ok put a file: 22 bytes',
      'ok issue a link: 201',
      'ok check it: 200, live',
      'ok redeem it: 302',
      'ok download: 200, the same 22 bytes',
      'ok redeem it again: 403 token_redeemed',
      'ok check it again: 200, redeemed',
      'ok issue another: 201',
      'ok revoke the other: 204',
      'ok redeem the other: 403 token_revoked',
      'ok clean up: the file is gone, and no link is live',
    ]);
    expect(world.files.size).toBe(0);
  });

  test('fails if a link can be redeemed twice', async () => {
    const world = new FakeWorld();
    world.redeem = () => ({ status: 302, location: URL_OF_FILE, body: undefined });
    const { said, outcome } = await tried(world);
    expect(outcome).toBe('failed');
    expect(said).toContain('no redeem it again: 302 instead of 403 token_redeemed');
  });

  test('fails if the download has different bytes', async () => {
    const world = new FakeWorld();
    world.download = async () => ({ status: 200, bytes: Buffer.from('a login page') });
    expect((await tried(world)).said).toContain('no download: the bytes differ from the file');
  });

  test('fails if a response lacks a field, and prints nothing else from the response', async () => {
    const world = new FakeWorld();
    world.issue = () => ({ status: 201, body: { links: [{ tokenId: 'id', tokn: 'tvm_secret' }] } });
    const { said } = await tried(world);
    expect(said).toContain('no issue a link: the response lacks links.0.token');
    expect(said.join()).not.toContain('tvm_');
  });

  test('cleans up and revokes live links after a failed step', async () => {
    const world = new FakeWorld();
    world.download = () => Promise.reject(new Error(`fetch failed: ${URL_OF_FILE}`));
    world.redeem = () => ({ status: 302, location: URL_OF_FILE, body: undefined });
    const { said, outcome } = await tried(world);
    expect(outcome).toBe('failed');
    expect(said.slice(-2)).toEqual([
      'no download: Error',
      'ok clean up: the file is gone, and no link is live',
    ]);
    expect(world.files.size).toBe(0);
    expect([...world.states.values()]).toEqual(['revoked']);
  });

  test('after Ctrl-C, does nothing but clean up', async () => {
    const world = new FakeWorld();
    const stopped = new AbortController();
    const redeem = world.redeem.bind(world);
    world.redeem = (id) => {
      stopped.abort();
      return redeem(id);
    };
    const { said, outcome } = await tried(world, stopped.signal);
    expect(outcome).toBe('stopped');
    expect(said.slice(-2)).toEqual([
      'ok redeem it: 302',
      'ok clean up: the file is gone, and no link is live',
    ]);
    expect(world.files.size).toBe(0);
  });

  test('never prints a token or a URL', async () => {
    expect((await tried(new FakeWorld())).said.join()).not.toMatch(/tvm_|https:/);
  });
});
