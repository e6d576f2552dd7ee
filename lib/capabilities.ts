import { bounces } from './capabilities/bounces.ts';
import { collections } from './capabilities/collections.ts';
import { events } from './capabilities/events.ts';
import { links } from './capabilities/links.ts';
import { mail } from './capabilities/mail.ts';
import { pages } from './capabilities/pages.ts';
import { proofOfWork } from './capabilities/proof-of-work.ts';
import { publicForm } from './capabilities/public-form.ts';
import { redemption } from './capabilities/redemption.ts';
import { renewals } from './capabilities/renewals.ts';
import { uploadLinks } from './capabilities/upload-links.ts';
import { uploads } from './capabilities/uploads.ts';
import { watermark } from './capabilities/watermark.ts';
import type { AnyCapability } from './capability.ts';
import type { Config } from './config.ts';
import type { Route } from './route.ts';

/** Everything that the machine can do. To add a capability, write a module and add one line here. */
export const capabilities = [
  publicForm,
  proofOfWork,
  mail,
  pages,
  redemption,
  links,
  renewals,
  bounces,
  uploads,
  uploadLinks,
  events,
  watermark,
  collections,
] as const satisfies readonly AnyCapability[];

type NamesIn<Some> = Some extends { readonly functions: infer Functions } ? keyof Functions & string : never;

export type FunctionName = NamesIn<(typeof capabilities)[number]>;

/** All functions, whatever the options. */
export const functionNames = namesIn(capabilities);

/** All routes, whatever the options. */
export const routes = routesIn(capabilities);

/** Returns the capabilities, functions, and routes of a deployment with these options. */
export function deployedWith(config: Config) {
  const chosen = capabilities.filter(({ when }: AnyCapability) => when?.(config) ?? true);
  return {
    capabilities: chosen,
    functionNames: namesIn(chosen),
    routes: routesIn(chosen).filter(({ when }) => when?.(config) ?? true),
  };
}

function namesIn(chosen: readonly AnyCapability[]): readonly FunctionName[] {
  return chosen.flatMap(({ functions }) => Object.keys(functions) as FunctionName[]);
}

/**
 * Returns the routes of these capabilities: public routes first, each group sorted by capability. The CDK hashes the
 * routes, in order, into the logical ID of the API's deployment. Without sorting, reordering the list above would
 * replace the deployment.
 */
function routesIn(chosen: readonly AnyCapability[]): readonly Route<FunctionName>[] {
  return chosen
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .flatMap((capability) => capability.routes as readonly Route<FunctionName>[])
    .toSorted((one, other) => Number(one.auth === 'iam') - Number(other.auth === 'iam'));
}
