import leven from 'leven';

/** How far a name may be from the one that is meant, in letters, and as a part of the longer one: as with flags. */
const DISTANCE_MAX = 3;
const DIFFERENCE_MAX = 0.6;

/**
 * What follows an unknown name in an error: ` (Did you mean "port"?)`, or nothing where no name is near.
 *
 * @param prefix what the names have before them when they are written.
 */
export function suggestion(name: string, names: Iterable<string>, prefix = ''): string {
  const distances = [...names].map((known) => ({ known, distance: leven(name, known) }));
  const { known, distance } = distances.reduce((a, b) => (b.distance < a.distance ? b : a));
  const isNear = distance <= DISTANCE_MAX && distance < DIFFERENCE_MAX * Math.max(name.length, known.length);
  return isNear ? ` (Did you mean ${JSON.stringify(prefix + known)}?)` : '';
}
