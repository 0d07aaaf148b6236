-- POST /increment over random keys of all counters that grower.ts makes. Each run sends other keys.
--
--   wrk -s bench/spread.lua http://127.0.0.1:3333 -- 1000000
dofile((debug.getinfo(1, "S").source:match("^@(.*/)") or "") .. "figures.lua")
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
