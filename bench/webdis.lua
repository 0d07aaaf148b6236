-- INCR of 1000 random keys through Webdis. The seed is fixed: every trial sends the same.
--
--   wrk -s bench/webdis.lua http://127.0.0.1:7379
dofile((debug.getinfo(1, "S").source:match("^@(.*/)") or "") .. "figures.lua")
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
