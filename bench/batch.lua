-- POST /increments in batches of 1000 over 1000 random keys. The seed is fixed: every trial sends the same.
--
--   wrk -s bench/batch.lua http://127.0.0.1:3333              NDJSON
--   wrk -s bench/batch.lua http://127.0.0.1:3333 -- form      a form
--
-- The figures that it prints are of increments, not of requests; latencies are of whole batches.
dofile((debug.getinfo(1, "S").source:match("^@(.*/)") or "") .. "figures.lua")
math.randomseed(1)
local BATCH, BATCHES = 1000, 20
ITEMS = BATCH
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
