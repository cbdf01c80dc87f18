/**
 * The body of a dashboard, as far as ours goes, and strict: what AWS does not know it drops without a word.
 * Source: CloudWatch API Reference, "Dashboard Body Structure and Syntax".
 */
import * as z from 'zod';

const place = {
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  width: z.int().min(1).max(24),
  height: z.int().min(1).max(1000),
};

const rendering = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z]\w{0,254}$/)
    .optional(),
  stat: z
    .string()
    .regex(/^(?:Average|Maximum|Minimum|Sum|SampleCount|p\d{1,2}(?:\.\d+)?)$/)
    .optional(),
  label: z.string().optional(),
  visible: z.boolean().optional(),
});

/** Namespace, name, pairs of dimensions, and how it is drawn. */
const metric = z
  .array(z.union([z.string().min(1), rendering]))
  .refine((parts) => parts.length >= 2 && parts.slice(0, -1).every((part) => typeof part === 'string'))
  .refine((parts) => (typeof parts.at(-1) === 'string' ? parts.length : parts.length - 1) % 2 === 0);

const expression = z.tuple([
  z.strictObject({ expression: z.string().min(1).max(1024), label: z.string(), id: z.string() }),
]);

const axis = z.strictObject({
  label: z.string(),
  min: z.number(),
  max: z.number().optional(),
  showUnits: z.boolean(),
});

const line = z.strictObject({ label: z.string(), value: z.number(), color: z.string().regex(/^#[0-9a-f]{6}$/) });

const metricWidget = z.strictObject({
  type: z.literal('metric'),
  ...place,
  properties: z.strictObject({
    view: z.literal('timeSeries'),
    stacked: z.boolean(),
    region: z.string().regex(/^[a-z]{2}-[a-z]+-\d$/),
    title: z.string().min(1),
    period: z.int().multipleOf(60),
    metrics: z
      .array(z.union([expression, metric]))
      .min(1)
      .max(100),
    yAxis: z.strictObject({ left: axis }),
    annotations: z.strictObject({ horizontal: z.array(line).min(1) }).optional(),
  }),
});

const textWidget = z.strictObject({
  type: z.literal('text'),
  ...place,
  properties: z.strictObject({ markdown: z.string().min(1) }),
});

export const dashboardBody = z
  .strictObject({
    periodOverride: z.enum(['auto', 'inherit']),
    widgets: z.array(z.discriminatedUnion('type', [metricWidget, textWidget])).max(500),
  })
  .superRefine(({ widgets }, context) => {
    for (const [index, one] of widgets.entries()) {
      if (one.x + one.width > 24) context.addIssue({ code: 'custom', message: `widget ${index} leaves the grid` });
      for (const other of widgets.slice(index + 1)) {
        const apart =
          one.x + one.width <= other.x ||
          other.x + other.width <= one.x ||
          one.y + one.height <= other.y ||
          other.y + other.height <= one.y;
        if (!apart) context.addIssue({ code: 'custom', message: `widget ${index} lies over another` });
      }
    }
  });

export type DashboardBody = z.output<typeof dashboardBody>;
