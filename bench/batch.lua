-- POST /increments in batches of 1000 over 1000 random keys. The seed is fixed: every trial sends the same.
--
--   wrk -s bench/batch.lua http://127.0.0.1:3333              NDJSON
--   wrk -s bench/batch.lua http://127.0.0.1:3333 -- form      a form
--
-- The figures that it prints are of increments, not of requests; latencies are of whole batches.
math.randomseed(1)
local BATCH, BATCHES = 1000, 20
local requests = {}

init = function(args)
  local isForm = args[1] == "form"
  local type = isForm and "application/x-www-form-urlencoded" or "application/x-ndjson"
  for i = 1, BATCHES do
    local items = {}
    for j = 1, BATCH do
      local shape = isForm and "key=key%06d&value=%d" or '{"key":"key%06d","value":%d}'
      items[j] = string.format(shape, math.random(0, 999) * 1001, math.random(1, 9))
    end
    local body = table.concat(items, isForm and "&" or "\n")
    requests[i] = wrk.format("POST", "/increments", { ["Content-Type"] = type, ["Prefer"] = "return=minimal" }, body)
  end
end

local next = 0
request = function()
  next = next % BATCHES + 1
  return requests[next]
end

done = function(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format('{"requests":%d,"seconds":%f,"failed":%d,"p50":%f,"p99":%f,"p999":%f}\n',
    summary.requests * BATCH, summary.duration / 1e6, failed * BATCH,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3))
end
