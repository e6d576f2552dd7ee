import { fileURLToPath } from 'node:url';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** A small stack with the defaults of the CDK. It stores notes in a table and announces them on a queue. */
class NotesStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const table = new Table(this, 'Notes', { partitionKey: { name: 'id', type: AttributeType.STRING } });
    const queue = new Queue(this, 'Written');
    const api = new RestApi(this, 'Api');
    const write = new NodejsFunction(this, 'Write', {
      entry: fileURLToPath(new URL('./function.ts', import.meta.url)),
      runtime: Runtime.NODEJS_24_X,
      // Local mode has no SDK to offer, so the bundle brings its own.
      bundling: { bundleAwsSDK: true },
      environment: {
        TABLE: table.tableName,
        QUEUE: queue.queueUrl,
        PUBLIC_URL: 'https://notes.example.com',
      },
    });
    table.grant(write, 'dynamodb:PutItem');
    queue.grantSendMessages(write);
    const notes = api.root.addResource('notes');
    notes.addMethod('POST', new LambdaIntegration(write));
    notes.addMethod('GET', new LambdaIntegration(write));
    new CfnOutput(this, 'TableName', { value: table.tableName });
    new CfnOutput(this, 'QueueUrl', { value: queue.queueUrl });
  }
}

/* Synthesizes the stack into the folder that is named on the command line, as `cdk synth` does. */
const app = new App({
  outdir: process.argv[2] ?? 'cdk.out',
  context: { 'aws:cdk:enable-asset-metadata': true },
});
new NotesStack(app, 'Notes');
app.synth();
