import { fileURLToPath } from 'node:url';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { LambdaIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { AttributeType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { CfnMalwareProtectionPlan } from 'aws-cdk-lib/aws-guardduty';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FilterCriteria, FilterRule, Runtime, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Bucket, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/**
 * A small stack with the CDK's defaults. It stores notes in a table, sends messages about them to a queue, and writes
 * one note every week. It publishes new notes on an event bus. Its bucket for attachments is scanned for malware.
 */
class NotesStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const table = new Table(this, 'Notes', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      timeToLiveAttribute: 'removeAt',
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
    });
    const queue = new Queue(this, 'Written');
    const api = new RestApi(this, 'Api');
    const write = new NodejsFunction(this, 'Write', {
      entry: fileURLToPath(new URL('./function.ts', import.meta.url)),
      runtime: Runtime.NODEJS_24_X,
      // Unlike Lambda, local mode does not provide the SDK, so the bundle contains it.
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
    new Rule(this, 'Weekly', {
      schedule: Schedule.rate(Duration.days(7)),
      targets: [
        new LambdaFunction(write, {
          event: RuleTargetInput.fromObject({ httpMethod: 'POST', body: 'Weekly review' }),
        }),
      ],
    });
    this.#publishNew(table);
    const attachments = this.#scannedBucket();
    new CfnOutput(this, 'BucketName', { value: attachments.bucketName });
    new CfnOutput(this, 'TableName', { value: table.tableName });
    new CfnOutput(this, 'QueueUrl', { value: queue.queueUrl });
  }

  /** Publishes each new note on an event bus, and adds a rule that sends the events to a queue. */
  #publishNew(table: Table): void {
    const bus = new EventBus(this, 'Bus');
    const publish = new NodejsFunction(this, 'Publish', {
      entry: fileURLToPath(new URL('./publish.ts', import.meta.url)),
      runtime: Runtime.NODEJS_24_X,
      bundling: { bundleAwsSDK: true },
      environment: { BUS: bus.eventBusName },
    });
    bus.grantPutEventsTo(publish);
    table.grantStreamRead(publish);
    publish.addEventSourceMapping('New', {
      eventSourceArn: table.tableStreamArn ?? '',
      startingPosition: StartingPosition.TRIM_HORIZON,
      filters: [FilterCriteria.filter({ eventName: FilterRule.isEqual('INSERT') })],
    });
    const published = new Queue(this, 'Published');
    new Rule(this, 'NoteWritten', {
      eventBus: bus,
      eventPattern: { source: ['notes'] },
      targets: [new SqsQueue(published)],
    });
    new CfnOutput(this, 'PublishedUrl', { value: published.queueUrl });
  }

  /** Creates a bucket, and a queue that receives events about new objects and malware verdicts. */
  #scannedBucket(): Bucket {
    const bucket = new Bucket(this, 'Attachments', { versioned: true });
    // The option `eventBridgeEnabled` of `Bucket` would add a function that configures the bucket during deployment.
    const resource = bucket.node.defaultChild as CfnBucket;
    resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    const scanner = new Role(this, 'Scanner', {
      assumedBy: new ServicePrincipal('malware-protection-plan.guardduty.amazonaws.com'),
    });
    scanner.addToPolicy(
      new PolicyStatement({
        actions: ['s3:GetObjectVersion', 's3:GetObjectVersionTagging', 's3:PutObjectVersionTagging'],
        resources: [bucket.arnForObjects('*')],
      }),
    );
    const plan = new CfnMalwareProtectionPlan(this, 'Plan', {
      role: scanner.roleArn,
      protectedResource: { s3Bucket: { bucketName: bucket.bucketName } },
      actions: { tagging: { status: 'ENABLED' } },
    });
    const announced = new Queue(this, 'Announced');
    new Rule(this, 'Created', {
      eventPattern: { source: ['aws.s3'], detail: { bucket: { name: [bucket.bucketName] } } },
      targets: [new SqsQueue(announced)],
    });
    new Rule(this, 'Scanned', {
      eventPattern: { source: ['aws.guardduty'], resources: [plan.attrArn] },
      targets: [new SqsQueue(announced)],
    });
    new CfnOutput(this, 'AnnouncedUrl', { value: announced.queueUrl });
    return bucket;
  }
}

/* Synthesizes the stack into the folder given on the command line, as `cdk synth` does. */
const app = new App({
  outdir: process.argv[2] ?? 'cdk.out',
  builtinCloudFormationValidation: false,
  context: { 'aws:cdk:enable-asset-metadata': true },
});
new NotesStack(app, 'Notes');
app.synth();
