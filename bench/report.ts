import { limits } from './limits.js';
import { CPU, P50, P99, P999, PER_S, type Quantity, ratios, valuesOf } from './quantities.js';
import type { FigureGroup, Published, Results, RowResult, TableResult } from './results.js';
import { median } from './statistics.js';
import { IN_MEMORY_TITLE } from './titles.js';

/** Results as Markdown: made of what is stored, and of nothing else. */
export function markdown(results: Results): string {
  const { tables, groups, machine } = results;
  const floor = floorIn(tables.find(({ title }) => title === IN_MEMORY_TITLE));
  const told = tables.map((result) => table(result, machine.cores, floorIn(result) ?? floor));
  const parts = [heading(results), ...told, ...groups.map(group)];
  return `${parts.join('\n\n')}\n`;
}

function floorIn(result: TableResult | undefined): RowResult | undefined {
  return result?.rows.find(({ name }) => name.startsWith('floor'));
}

const COLUMNS = ['p50 ms', 'p99 ms', 'p99.9 ms'];

function heading({ date, version, commit, options, machine }: Results): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version ?? 'not installed'}`);
  const given = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  return [
    `# Benchmark of ${date.slice(0, 10)}`,
    '',
    `- incrementer ${version}, ${commit === null ? 'from a package' : `commit ${commit}`}; ${date}`,
    `- ${machine.cpu}, ${machine.cores} cores; ${machine.kernel}; load ${machine.load.toFixed(2)} at the start`,
    `- ${versions.join(', ')}`,
    `- ${given.join(', ')}`,
    '',
    'Each figure is the median of the trials (lowest-highest), each trial on fresh server processes, the rows in turns. ' +
      'x is the ratio to the first row that ran, the median of those trial by trial; x floor is that to bare uWebSockets.js, ' +
      'of the same table, or where it has none of the one of increments in memory. ' +
      'Where a row says generator-limited, the load generator had no more to give: there the server CPU is the figure to read, not the rate.',
  ].join('\n');
}

function table(result: TableResult, cores: number, floor: RowResult | undefined): string {
  const { title, what, unit, connections, published, rows } = result;
  const base = rows.find(({ trials }) => trials.length > 0);
  const count = Math.max(...rows.map(({ trials }) => trials.length));
  const head = ['', `${unit}/s`, 'x', ...COLUMNS, 'server CPU us each', 'x floor', 'durability', 'failed', 'notes'];
  return [
    `## ${title}`,
    '',
    `${what} ${connections} connections, ${count === 1 ? 'one trial' : `${count} trials`} of each.`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map((row) => line(cells(row, base, floor, cores))),
    ...(published === null ? [] : [line(publishedCells(published))]),
    '',
    ...rows.map(({ name, command }) => `- ${name}: \`${command}\``),
  ].join('\n');
}

function cells(row: RowResult, base: RowResult | undefined, floor: RowResult | undefined, cores: number): string[] {
  const { name, durability, missing, trials } = row;
  if (missing !== null) return [name, '-', '-', '-', '-', '-', '-', '-', durability, '-', `${missing} is not installed`];
  const spread = (quantity: Quantity) => range(valuesOf(row, quantity));
  const failed = trials.reduce((sum, trial) => sum + trial.failed, 0);
  return [
    name,
    spread(PER_S),
    ratio(row, base, PER_S),
    spread(P50),
    spread(P99),
    spread(P999),
    spread(CPU),
    ratio(row, floor, CPU),
    durability,
    whole(failed),
    limits(row, cores).join(', '),
  ];
}

function publishedCells({ what, perS, p50, p99, failed }: Published): string[] {
  const figure = (value: number | null) => (value === null ? '-' : text(value));
  const cells = [perS, null, p50, p99, null, null, null].map(figure);
  return [what, ...cells, '-', failed === null ? '-' : whole(failed), 'another server on another machine'];
}

/** `median (lowest-highest)`, or `-` where nothing is known. */
function range(values: readonly number[]): string {
  if (values.length === 0) return '-';
  const middle = text(median(values));
  return values.length === 1 ? middle : `${middle} (${text(Math.min(...values))}-${text(Math.max(...values))})`;
}

function ratio(row: RowResult, base: RowResult | undefined, quantity: Quantity): string {
  const values = ratios(row, base, quantity);
  return values.length === 0 ? '-' : median(values).toFixed(2);
}

/** As many digits as one can read: 73,859; 200.9; 12.71. */
function text(value: number): string {
  if (value >= 1_000) return whole(value);
  return value >= 100 ? value.toFixed(1) : value.toFixed(2);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function group({ title, figures }: FigureGroup): string {
  return [
    `## ${title}`,
    '',
    line(['', 'measured', 'to reach']),
    line(['---', '---', '---']),
    ...figures.map(({ name, values, unit, toReach }) => line([name, `${range(values)} ${unit}`, toReach ?? '-'])),
  ].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
