import { architectureDrawing } from './architecture-drawing.ts';
import { replaceBlock } from './marked-block.ts';
import { networkCosts, networkPages } from './network-costs.ts';
import { networkDrawing } from './network-drawing.ts';
import { networkShapes } from './network-shapes.ts';
import { optionTable } from './option-table.ts';
import { permissionTables } from './permission-tables.ts';
import { readArchitecture } from './read-architecture.ts';
import { synthesized } from './synthesized.ts';
import { webhooks } from './webhooks.ts';

const yaml = (text: string): string => `# ${text}`;

/** The files with generated parts. Each function takes the current text of a file and returns the updated text. */
export const generatedFiles: Readonly<Record<string, (page: string) => string>> = {
  'docs/operations.md': (page) => replaceBlock(page, 'options', optionTable()),
  'docs/permissions.md': (page) =>
    replaceBlock(
      page,
      'permissions',
      permissionTables(
        synthesized({
          events: true,
          proofOfWork: 'auto',
          watermarks: 'on',
          secondChance: 'on',
          presenceCode: 'on',
          collections: 'on',
        }),
      ),
    ),
  'docs/openapi.yaml': (page) => replaceBlock(page, 'webhooks', webhooks(), yaml),
  'docs/architecture.svg': () => architectureDrawing(readArchitecture(synthesized())),
  ...Object.fromEntries(
    Object.entries(networkShapes).map(([name, shape]) => [
      `docs/networks/${name}.svg`,
      () => networkDrawing(shape),
    ]),
  ),
  ...Object.fromEntries(
    networkPages.map((name) => [
      `docs/networks/${name}.md`,
      (page: string) => replaceBlock(page, 'cost', networkCosts(name)),
    ]),
  ),
};
