import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { summarize } from '../../bench/statistics.ts';
import { bodyOf, type Ids, NOBODYS, TENANT_ROUTES } from '../support/tenant-routes.ts';
import { startTenants, type Tenants } from '../support/tenants.ts';

/*
 * Checks that response times do not reveal whether another tenant's ID exists. (test/handlers/foreign-ids.test.ts
 * proves the same by counting calls.) Each pair requests a foreign ID and an unknown one, in alternating order. The
 * limit for the difference is a share of the response time, so it does not depend on the speed of the computer. Reading
 * an existing row takes a few percent of the response time. An extra call would take a quarter or more.
 *
 * Only routes for bearer tokens are measured. The routes for IAM callers lead to the same functions.
 */

const PAIRS = 200;
const MOST = 0.15;

let world: Tenants;
beforeAll(async () => {
  world = await startTenants();
});
afterAll(() => world.close());

const ROUTES = Object.keys(TENANT_ROUTES).filter((route) => route.includes(' /oidc/'));

test.each(ROUTES)('%s takes as long for a foreign ID as for an unknown one', async (route) => {
  const { acme, globex } = world.tenants;
  const time = async (ids: Ids): Promise<number> => {
    const start = performance.now();
    await (await globex.send(route, ids, bodyOf(route))).text();
    return performance.now() - start;
  };
  const [foreign] = acme.own;
  // The first requests include a cold start.
  for (let count = 0; count < 10; count += 1) await time(foreign);
  const times: { readonly foreign: number; readonly unknown: number }[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    if (pair % 2 === 0) times.push({ foreign: await time(foreign), unknown: await time(NOBODYS) });
    else {
      const unknown = await time(NOBODYS);
      times.push({ foreign: await time(foreign), unknown });
    }
  }
  const share = times.filter((pair) => pair.foreign > pair.unknown).length / PAIRS;
  const difference = summarize(times.map((pair) => pair.foreign - pair.unknown));
  const response = summarize(times.map(({ unknown }) => unknown));
  const ms = (figure: number) => figure.toFixed(2);
  process.stdout.write(
    `${route}: ${ms(response.median)} ms; foreign minus unknown ${ms(difference.median)} ms (middle half ${ms(difference.low)} to ${ms(difference.high)}), slower in ${(share * 100).toFixed(0)} %\n`,
  );
  expect(Math.abs(difference.median) / response.median).toBeLessThan(MOST);
});
