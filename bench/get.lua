-- GET of a path, where one is given with a token.
--
--   wrk -s bench/get.lua http://127.0.0.1:3333 -- /points
--   wrk -s bench/get.lua http://127.0.0.1:3333 -- /user/ xyz
local get

init = function(args)
  local headers = {}
  if args[2] then headers["Authorization"] = args[2] end
  get = wrk.format("GET", args[1], headers)
end

request = function()
  return get
end

done = function(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format('{"requests":%d,"seconds":%f,"failed":%d,"p50":%f,"p99":%f,"p999":%f}\n',
    summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency:percentile(99.9) / 1e3))
end
