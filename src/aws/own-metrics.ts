/** Writes nanoops' own metrics to CloudWatch, through a client that can do nothing else, and reads nothing. */
import { createClients } from './clients.ts';
import type { AwsOptions } from './options.ts';
import { createWiring } from './wiring.ts';

export interface OwnMetricsOptions extends Omit<AwsOptions, 'mode' | 'signal' | 'timeouts'> {
  readonly namespace: string;
  readonly region: string;
}

/** One value of one metric. */
export interface OwnDatum {
  readonly name: string;
  readonly unit: 'Milliseconds' | 'Seconds' | 'Count';
  readonly value: number;
}

export interface OwnMetrics {
  /** Rejects with a `CloudError`. `at`: epoch milliseconds. */
  put(data: readonly OwnDatum[], dimensions: Readonly<Record<string, string>>, at: number): Promise<void>;
  close(): void;
}

const timeouts = { connectMs: 2_000, requestMs: 5_000 };

export function openOwnMetrics({ namespace, region, ...aws }: OwnMetricsOptions): OwnMetrics {
  // A region may have a role, which is assumed before anything is sent.
  const only = ['cloudwatch:PutMetricData', ...(aws.roles?.[region] === undefined ? [] : ['sts:AssumeRole'])];
  const wiring = createWiring({ ...aws, timeouts, mode: { only } });
  const clients = createClients(wiring, aws.roles);
  return {
    async put(data, dimensions, at) {
      const cloudWatch = await clients.cloudWatch(region);
      await cloudWatch.putMetricData({
        Namespace: namespace,
        MetricData: data.map(({ name, unit, value }) => ({
          MetricName: name,
          Unit: unit,
          Value: value,
          Timestamp: new Date(at),
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        })),
      });
    },
    close: wiring.close,
  };
}
