import { type Quantity, ratios } from '../quantities.js';
import { figure, type RowResult, type SingleFigure } from '../results.js';

/**
 * A row's quantity as a ratio to another row's.
 *
 * @param toReach what it should be.
 */
export function ratio(
  name: string,
  quantity: Quantity,
  row: RowResult | undefined,
  base: RowResult | undefined,
  toReach: string,
): SingleFigure {
  return figure(name, ratios(row, base, quantity), 'times', toReach);
}
