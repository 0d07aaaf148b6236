-- INCR of 1000 random keys through Webdis. The seed is fixed: every trial sends the same.
--
--   wrk -s bench/webdis.lua http://127.0.0.1:7379
math.randomseed(1)
local requests = {}

init = function()
  for i = 1, 1000 do
    requests[i] = wrk.format("GET", string.format("/INCR/key%06d", math.random(0, 999999)))
  end
end

local next = 0
request = function()
  next = next % 1000 + 1
  return requests[next]
end

done = function(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format('{"requests":%d,"seconds":%f,"failed":%d,"p50":%f,"p99":%f,"p999":%f}\n',
    summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3))
end
