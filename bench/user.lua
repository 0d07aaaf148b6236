-- GET /user/ with the token xyz.
--
--   wrk -s bench/user.lua http://127.0.0.1:3333
local user

init = function()
  user = wrk.format("GET", "/user/", { ["Authorization"] = "xyz" })
end

request = function()
  return user
end

done = function(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format('{"requests":%d,"seconds":%f,"failed":%d,"p50":%f,"p99":%f,"p999":%f}\n',
    summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3))
end
