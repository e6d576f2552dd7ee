import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import type { vendingStack } from '../../bin/local/stack.ts';
import { openAssembly } from '../../laptop/src/assembly.ts';

type Stack = ReturnType<typeof vendingStack>;
type Resources = Record<string, { Properties: Record<string, unknown> }>;

/**
 * Returns the stack with the manual's recipe for a queue that gets every event.
 *
 * @param folder an empty folder for the assembly
 * @param eventsUrl the URL at which functions call EventBridge
 * @param onEvents called with the real URL of EventBridge
 */
export function subscribed(
  stack: Stack,
  {
    folder,
    eventsUrl,
    onEvents,
  }: {
    readonly folder: string;
    readonly eventsUrl: string;
    readonly onEvents: (url: string) => void;
  },
): Stack {
  return {
    ...stack,
    assembly: async (log) => withRecipe(await stack.assembly(log), folder),
    environment: (urls) => {
      onEvents(urls.events);
      return { ...stack.environment?.(urls), EVENTS_URL: eventsUrl };
    },
  };
}

/** Copies an assembly, and adds the resources of the recipe to its template. */
function withRecipe(assembly: string, folder: string): string {
  const template = basename(openAssembly(assembly).templatePath);
  for (const name of readdirSync(assembly))
    if (name === 'manifest.json') cpSync(join(assembly, name), join(folder, name));
    else if (name !== template) symlinkSync(join(assembly, name), join(folder, name));
  const { Resources, ...rest } = JSON.parse(readFileSync(join(assembly, template), 'utf8'));
  writeFileSync(
    join(folder, template),
    JSON.stringify({ ...rest, Resources: { ...Resources, ...recipe() } }),
  );
  return folder;
}

/**
 * Reads the recipe, fills in its parameters, and removes its `InputPath`, because local mode can deliver only whole
 * events.
 */
function recipe(): Resources {
  const text = readFileSync(new URL('../../docs/events/recipes/sqs.yaml', import.meta.url), 'utf8');
  const { Parameters, Resources } = parse(text) as {
    readonly Parameters: { readonly EventTypes: { readonly Default: string } };
    readonly Resources: Resources;
  };
  const types = Parameters.EventTypes.Default.split(',');
  return JSON.parse(
    JSON.stringify(Resources)
      .replaceAll('{"Ref":"EventBusName"}', '{"Ref":"EventBus"}')
      .replaceAll('{"Ref":"EventTypes"}', JSON.stringify(types))
      .replaceAll('"InputPath":"$.detail",', ''),
  );
}
