import { ask } from './asking.js';
import type { Wire } from './wire.js';

export interface Metric {
  readonly type: string;
  readonly help: string;
  /** By what stands before the value: the name, and the labels in braces. */
  readonly values: Map<string, number>;
}

const LINE = /^([a-z_:][a-z0-9_:]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (\S+)$/;

/**
 * Reads the Prometheus text format, strictly, and only what is used of it.
 *
 * @throws Error for a line that is not of it, or not of the metric that it stands under.
 */
export function readExposition(text: string): Map<string, Metric> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const metrics = new Map<string, Metric>();
  let help = '';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, word, named, rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (word === 'HELP') help = rest;
    else if (word === 'TYPE' && named !== undefined && !metrics.has(named))
      metrics.set(named, { type: rest, help, values: new Map() });
    else addValue(metrics, line);
  }
  return metrics;
}

function addValue(metrics: Map<string, Metric>, line: string): void {
  const [, name = '', labels = '', value] = LINE.exec(line) ?? [];
  const [owner, metric] = [...metrics].at(-1) ?? [];
  const isHistogram = metric?.type === 'histogram';
  if (metric === undefined || !(name === owner || (isHistogram && /^_(bucket|sum|count)$/.test(name.slice(owner?.length))))) {
    throw new Error(`${line} stands under ${owner}`);
  }
  if (metric.values.has(name + labels)) throw new Error(`${line} is there twice`);
  metric.values.set(name + labels, Number(value));
}

export async function metricsOf(wire: Wire): Promise<Map<string, Metric>> {
  const { status, body } = await ask(wire, 'GET', '/metrics');
  if (status !== 200) throw new Error(`GET /metrics: ${status} ${body}`);
  return readExposition(body);
}

/** The value of a series, as it stands in the text: `incrementer_users`, `up{job="a"}`. */
export async function valueIn(wire: Wire, series: string): Promise<number | undefined> {
  for (const { values } of (await metricsOf(wire)).values()) if (values.has(series)) return values.get(series);
  return undefined;
}
