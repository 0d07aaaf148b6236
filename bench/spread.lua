-- POST /increment over random keys of all counters that grower.ts makes. Each run sends other keys.
--
--   wrk -s bench/spread.lua http://127.0.0.1:3333 -- 1000000
local counters, head, tail

init = function(args)
  counters = tonumber(args[1])
  math.randomseed(os.time())
  local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
  local request = wrk.format("POST", "/increment", headers, "key=counter:0000000&value=1")
  head, tail = request:match("^(.*:)0000000(.*)$")
end

request = function()
  return head .. string.format("%07d", math.random(0, counters - 1)) .. tail
end

done = function(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format('{"requests":%d,"seconds":%f,"failed":%d,"p50":%f,"p99":%f,"p999":%f}\n',
    summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3))
end
