-- What the scripts print at their end: a line of JSON, with latencies in milliseconds.
-- ITEMS is what each request counts as.
ITEMS = 1

done = function(summary, latency)
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('{"requests":%d,"seconds":%f,"failed":%d,"p50":%f,"p99":%f,"p999":%f}\n',
    summary.requests * ITEMS, summary.duration / 1e6, failed * ITEMS,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3))
end
