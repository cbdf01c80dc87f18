/** Facts about backups, from answers as AWS words them: what is not set up is an answer, and what is refused is not. */
import { describe, expect, it } from 'vitest';
import { cloudOn, failureOf, fakeEndpoint, startMs, type Answer } from './fake-endpoint.ts';

const region = 'us-west-2';
const xml = (body: string, status = 200): Answer => ({ status, headers: { 'content-type': 'text/xml' }, body });
const iso = (at: number) => new Date(at).toISOString();

describe('a cluster', () => {
  const clusters = (content: string) =>
    fakeEndpoint(() =>
      xml(
        `<DescribeDBClustersResponse><DescribeDBClustersResult><DBClusters><DBCluster>${content}</DBCluster></DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>`,
      ),
    );

  it('tells how it is backed up and to which moments it can be restored', async () => {
    const endpoint = clusters(
      `<DBClusterIdentifier>nano-db</DBClusterIdentifier><BackupRetentionPeriod>35</BackupRetentionPeriod><PreferredBackupWindow>02:00-03:00</PreferredBackupWindow><EarliestRestorableTime>${iso(startMs - 1000)}</EarliestRestorableTime><LatestRestorableTime>${iso(startMs)}</LatestRestorableTime><ClusterCreateTime>${iso(startMs - 5000)}</ClusterCreateTime>`,
    );
    expect(await cloudOn(endpoint).facts.databaseBackup({ region, cluster: 'nano-db' })).toEqual({
      retentionDays: 35,
      window: '02:00-03:00',
      restorableFrom: startMs - 1000,
      restorableTo: startMs,
      createdAt: startMs - 5000,
      source: { operation: 'rds:DescribeDBClusters', region, detail: 'nano-db' },
    });
  });

  it('of which nothing is told has nothing to be judged by', async () => {
    const found = await cloudOn(clusters('<DBClusterIdentifier>nano-db</DBClusterIdentifier>')).facts.databaseBackup({
      region,
      cluster: 'nano-db',
    });
    expect([found.retentionDays, found.window, found.restorableTo]).toEqual([undefined, undefined, undefined]);
  });

  it('has snapshots on many pages, each with what is in it and what it was copied from', async () => {
    const page = (content: string) =>
      xml(
        `<DescribeDBClusterSnapshotsResponse><DescribeDBClusterSnapshotsResult>${content}</DescribeDBClusterSnapshotsResult></DescribeDBClusterSnapshotsResponse>`,
      );
    const snapshot = (id: string, more: string) =>
      `<DBClusterSnapshots><DBClusterSnapshot><DBClusterSnapshotIdentifier>${id}</DBClusterSnapshotIdentifier><DBClusterIdentifier>nano-db</DBClusterIdentifier><Status>available</Status>${more}</DBClusterSnapshot></DBClusterSnapshots>`;
    const endpoint = fakeEndpoint(({ input }) =>
      input['Marker'] === undefined
        ? page(
            `${snapshot(
              'copy-1',
              `<SnapshotType>manual</SnapshotType><SnapshotCreateTime>${iso(startMs)}</SnapshotCreateTime><SourceDBClusterSnapshotArn>arn:aws:rds:us-east-1:123456789012:cluster-snapshot:rds:nano-db-2026-11-23-02-17</SourceDBClusterSnapshotArn><AllocatedStorage>0</AllocatedStorage><PercentProgress>100</PercentProgress><StorageEncrypted>true</StorageEncrypted>`,
            )}<Marker>more</Marker>`,
          )
        : page(snapshot('own', '<SnapshotType>automated</SnapshotType>')),
    );
    const found = await cloudOn(endpoint).facts.clusterSnapshots({ region, cluster: 'nano-db' });
    expect(found).toMatchObject([
      { id: 'own', type: 'automated' },
      {
        id: 'copy-1',
        sizeGib: 0,
        percent: 100,
        encrypted: true,
        copiedFrom: { region: 'us-east-1', id: 'rds:nano-db-2026-11-23-02-17' },
      },
    ]);
    expect(found[0]?.copiedFrom).toBeUndefined();
  });
});

describe('a bucket\u2019s lifecycle', () => {
  const bucket = { region, bucket: 'nano-zips' };
  const rulesOf = async (rules: string) => {
    const endpoint = fakeEndpoint(() => xml(`<LifecycleConfiguration>${rules}</LifecycleConfiguration>`));
    return (await cloudOn(endpoint).facts.bucketLifecycle(bucket)).rules;
  };
  const rule = (filter: string, does = '') => `<Rule><ID>r</ID><Status>Enabled</Status>${filter}${does}</Rule>`;

  it.each([
    ['of everything', '<Filter><Prefix/></Filter>', { prefix: '', isSelective: false }],
    ['of everything, by no filter', '<Filter/>', { prefix: '', isSelective: false }],
    ['of the first version', '<Prefix>old/</Prefix>', { prefix: 'old/', isSelective: false }],
    ['by tag', '<Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter>', { prefix: '', isSelective: true }],
    [
      'by prefix and tag',
      '<Filter><And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter>',
      { prefix: 'a/', isSelective: true },
    ],
    ['by a size below', '<Filter><ObjectSizeLessThan>5000</ObjectSizeLessThan></Filter>', { isSelective: true }],
    [
      'by a size above',
      '<Filter><ObjectSizeGreaterThan>131073</ObjectSizeGreaterThan></Filter>',
      { isSelective: true },
    ],
    [
      'above what S3 moves anyway',
      '<Filter><ObjectSizeGreaterThan>131072</ObjectSizeGreaterThan></Filter>',
      { isSelective: false },
    ],
    [
      'between two sizes',
      '<Filter><And><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan><ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter>',
      { isSelective: true },
    ],
  ])('%s', async (_name, filter, expected) => {
    expect(await rulesOf(rule(filter))).toMatchObject([expected]);
  });

  it('tells what becomes of objects by age, and on a day', async () => {
    const day = '2027-01-01T00:00:00.000Z';
    const does = `<Transition><Days>90</Days><StorageClass>GLACIER</StorageClass></Transition><Transition><Date>${day}</Date><StorageClass>DEEP_ARCHIVE</StorageClass></Transition><Expiration><Days>400</Days></Expiration><NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration>`;
    expect(await rulesOf(rule('<Filter/>', does))).toMatchObject([
      {
        archiving: [
          { storageClass: 'GLACIER', afterDays: 90 },
          { storageClass: 'DEEP_ARCHIVE', on: Date.parse(day) },
        ],
        deletesAfterDays: 400,
        forgetsAfterDays: 30,
      },
    ]);
    const deleted = await rulesOf(rule('<Filter/>', `<Expiration><Date>${day}</Date></Expiration>`));
    expect(deleted).toMatchObject([{ deletesOn: Date.parse(day) }]);
  });

  it('that nobody made is an answer', async () => {
    const body = '<Error><Code>NoSuchLifecycleConfiguration</Code><Message>no</Message></Error>';
    const found = await cloudOn(fakeEndpoint(() => xml(body, 404))).facts.bucketLifecycle(bucket);
    expect(found.rules).toEqual([]);
  });

  it.each([
    ['NoSuchBucket', 404, 'not-found'],
    ['AccessDenied', 403, 'permission'],
  ])('%s is none', async (code, status, kind) => {
    const endpoint = fakeEndpoint(() => xml(`<Error><Code>${code}</Code><Message>no</Message></Error>`, status));
    expect(await failureOf(cloudOn(endpoint).facts.bucketLifecycle(bucket))).toMatchObject({
      kind,
      details: { iamAction: 's3:GetLifecycleConfiguration' },
    });
  });
});

describe('a table', () => {
  const table = { region, table: 'nano-sessions' };
  const described = (recovery: object) =>
    fakeEndpoint(() => ({
      body: {
        ContinuousBackupsDescription: {
          ContinuousBackupsStatus: 'ENABLED',
          PointInTimeRecoveryDescription: recovery,
        },
      },
    }));

  it.each([
    [
      { PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 35, LatestRestorableDateTime: startMs / 1000 },
      { pointInTime: true, days: 35, restorableTo: startMs },
    ],
    [{ PointInTimeRecoveryStatus: 'DISABLED' }, { pointInTime: false, days: undefined, restorableTo: undefined }],
    [{ PointInTimeRecoveryStatus: 'ENABLED' }, { pointInTime: true, days: undefined }],
  ])('%o', async (recovery, expected) => {
    expect(await cloudOn(described(recovery)).facts.tableBackup(table)).toMatchObject(expected);
  });

  it('that is not there, is told so', async () => {
    const endpoint = fakeEndpoint(() => ({ status: 400, body: { __type: 'TableNotFoundException', message: 'no' } }));
    expect(await failureOf(cloudOn(endpoint).facts.tableBackup(table))).toMatchObject({ kind: 'not-found' });
  });
});
