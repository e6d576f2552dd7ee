import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

const events = new EventBridgeClient();

/** Publishes the new notes in a batch of stream records. */
export async function handler({
  Records,
}: {
  readonly Records: readonly {
    readonly dynamodb: { readonly NewImage: { readonly text: { readonly S: string } } };
  }[];
}): Promise<void> {
  const Entries = Records.map(({ dynamodb: { NewImage } }) => ({
    EventBusName: process.env.BUS,
    Source: 'notes',
    DetailType: 'Note written',
    Detail: JSON.stringify({ text: NewImage.text.S }),
  }));
  const { FailedEntryCount } = await events.send(new PutEventsCommand({ Entries }));
  if (FailedEntryCount !== 0) throw new Error(`${FailedEntryCount} notes were not published.`);
}
