import { readFileSync, writeFileSync } from 'node:fs';
import * as echarts from 'echarts';
import { limits } from './limits.js';
import { CPU, PER_S, valuesOf } from './quantities.js';
import type { Results, RowResult, TableResult } from './results.js';
import { median } from './statistics.js';
import { IN_MEMORY_TITLE, ON_DISK_TITLE } from './titles.js';

/**
 * node dist/bench/chart.js RESULT.json OUT.svg
 *
 * Draws increments a second, in memory and on disk, out of stored results: bars in the order of their
 * length. It has a background of its own, as it is shown on light and on dark pages, and no text
 * beyond ASCII, as it is drawn with the fonts of whoever looks at it.
 */
const WIDTH = 860;
const BAR_PX = 30;
const HEAD_PX = 64;
const GROUP_HEAD_PX = 40;
const LEFT_PX = 276;
const RIGHT_PX = 190;

const COLORS = { background: '#ffffff', text: '#1f2328', quiet: '#59636e', own: '#0969da', floor: '#8c959f', peer: '#bf8700' };

interface Bar {
  readonly name: string;
  readonly perS: number;
  readonly cpuMicros: number;
  /** The load generator had no more to give. */
  readonly isLimited: boolean;
}

interface Group {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) {
  process.stderr.write('usage: chart.js RESULT.json OUT.svg\n');
  process.exit(2);
}
writeFileSync(to, svg(JSON.parse(readFileSync(from, 'utf8')) as Results));

function svg(results: Results): string {
  const groups = [IN_MEMORY_TITLE, ON_DISK_TITLE].flatMap((title) => {
    const table = results.tables.find((each) => each.title === title);
    return table === undefined ? [] : [{ title, bars: bars(table, results.machine.cores) }];
  });
  if (groups.length === 0) throw new Error(`no table of these results is called ${IN_MEMORY_TITLE} or ${ON_DISK_TITLE}`);
  const height = groups.reduce((sum, { bars }) => sum + GROUP_HEAD_PX + bars.length * BAR_PX, HEAD_PX + BAR_PX);
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption(option(results, groups));
  const drawn = chart.renderToSVGString();
  chart.dispose(); // Its clock would keep the process from its end.
  // A picture has no mouse over it.
  const still = drawn.replace(/<style.*<\/style>\s*/s, '');
  return still.replace(/^<svg ([^>]*)>/, `<svg $1 role="img" aria-labelledby="title about">${description(groups)}`);
}

function bars({ rows }: TableResult, cores: number): Bar[] {
  const ran = rows.filter(({ trials }) => trials.length > 0);
  return ran.map((row) => bar(row, cores)).sort((a, b) => b.perS - a.perS);
}

function bar(row: RowResult, cores: number): Bar {
  return {
    name: row.name,
    perS: median(valuesOf(row, PER_S)),
    cpuMicros: median(valuesOf(row, CPU)),
    isLimited: limits(row, cores).includes('generator-limited'),
  };
}

function option({ date, version, machine }: Results, groups: readonly Group[]): echarts.EChartsOption {
  const max = Math.max(...groups.flatMap(({ bars }) => bars.map(({ perS }) => perS)));
  const tops = groups.map((_, i) =>
    groups.slice(0, i).reduce((sum, { bars }) => sum + GROUP_HEAD_PX + bars.length * BAR_PX, HEAD_PX),
  );
  const heading = {
    text: 'Increments a second, one for each request',
    subtext: `${machine.cpu}, ${machine.cores} cores, shared with the load generator; incrementer ${version}; ${date.slice(0, 10)}. * the generator was the limit`,
    left: 16,
    top: 10,
    textStyle: { color: COLORS.text, fontSize: 17 },
    subtextStyle: { color: COLORS.quiet, fontSize: 12 },
  };
  return {
    animation: false,
    backgroundColor: COLORS.background,
    textStyle: { fontFamily: 'Arial, Helvetica, sans-serif' },
    title: [
      heading,
      ...groups.map(({ title }, i) => ({
        text: title,
        left: 16,
        top: (tops[i] ?? 0) + 12,
        textStyle: { color: COLORS.text, fontSize: 14 },
      })),
    ],
    grid: groups.map(({ bars }, i) => ({
      left: LEFT_PX,
      right: RIGHT_PX,
      top: (tops[i] ?? 0) + GROUP_HEAD_PX,
      height: bars.length * BAR_PX,
      outerBoundsMode: 'none', // Both begin at the same place, whatever their labels.
    })),
    xAxis: groups.map((_, i) => ({ type: 'value', gridIndex: i, max, show: false })),
    yAxis: groups.map(({ bars }, i) => ({
      type: 'category',
      gridIndex: i,
      inverse: true,
      data: bars.map(({ name }) => name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: COLORS.text, fontSize: 12 },
    })),
    series: groups.map(({ bars }, i) => ({
      type: 'bar',
      xAxisIndex: i,
      yAxisIndex: i,
      barWidth: BAR_PX * 0.6,
      data: bars.map((each) => ({ value: each.perS, itemStyle: { color: color(each) }, label: { formatter: label(each) } })),
      label: { show: true, position: 'right', color: COLORS.text, fontSize: 12 },
    })),
  };
}

function color({ name }: Bar): string {
  if (name.startsWith('incrementer')) return COLORS.own;
  return name.startsWith('floor') ? COLORS.floor : COLORS.peer;
}

function label({ perS, cpuMicros, isLimited }: Bar): string {
  const cpu = Number.isNaN(cpuMicros) ? '' : `, ${cpuMicros.toFixed(1)} us of CPU each`;
  return `${Math.round(perS).toLocaleString('en-US')}${isLimited ? '*' : ''}${cpu}`;
}

/** For those who hear it. */
function description(groups: readonly Group[]): string {
  const told = groups.map(({ title, bars }) => `${title}: ${bars.map((each) => `${each.name} ${label(each)}`).join('; ')}.`);
  return `<title id="title">Increments a second, in memory and on disk</title><desc id="about">${escaped(told.join(' '))}</desc>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
