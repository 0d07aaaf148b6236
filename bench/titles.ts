/** Titles of tables that others look for: the report where it needs the floor, the chart for what it draws. */
export const IN_MEMORY_TITLE = 'Increments in memory';
export const ON_DISK_TITLE = 'Increments on disk before the reply';
