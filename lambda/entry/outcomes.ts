import { parseEnvironment } from '../environment/parse.ts';
import { outcomesEnvironment } from '../environment/upload-links.ts';
import { createOutcomesHandler } from '../handlers/outcomes.ts';
import { linkTables } from './link-systems.ts';
import { documentClient, mailQueue, systemClock, telemetry } from './systems.ts';

const environment = parseEnvironment(outcomesEnvironment, process.env);

export const handler = createOutcomesHandler({
  ...linkTables(documentClient(), environment),
  clock: systemClock,
  queue: mailQueue(environment),
  telemetry: telemetry(),
});
