-- POST /increment over 1000 random keys. The seed is fixed: every trial sends the same.
--
--   wrk -s bench/increment.lua http://127.0.0.1:3333                 in memory
--   wrk -s bench/increment.lua http://127.0.0.1:3333 -- disk         on disk
--   wrk -s bench/increment.lua http://127.0.0.1:3333 -- idempotent   with a new Idempotency-Key each
--   wrk -s bench/increment.lua http://127.0.0.1:3333 -- tagged       in memory, with a header as long that means nothing:
--                                                                    the same work for wrk
--   wrk -s bench/increment.lua http://127.0.0.1:3333 -- account      in memory, with the token xyz
dofile((debug.getinfo(1, "S").source:match("^@(.*/)") or "") .. "figures.lua")
math.randomseed(1)
local heads, tails = {}, {}
local header

init = function(args)
  header = ({ idempotent = "Idempotency-Key: ", tagged = "X-Some-Other-Tag: " })[args[1]]
  local durability = args[1] == "disk" and "&durability=disk" or ""
  local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
  if args[1] == "account" then headers["Authorization"] = "xyz" end
  for i = 1, 1000 do
    local body = string.format("key=key%06d&value=1%s", math.random(0, 999999), durability)
    local request = wrk.format("POST", "/increment", headers, body)
    local split = request:find("\r\n", 1, true) + 1
    heads[i], tails[i] = request:sub(1, split), request:sub(split + 1)
    if not header then heads[i] = request end
  end
end

local next, sent = 0, 0
request = function()
  next = next % 1000 + 1
  if not header then return heads[next] end
  sent = sent + 1
  return heads[next] .. header .. START .. "-" .. sent .. "\r\n" .. tails[next]
end

-- Keys of one run are no keys of another.
START = string.format("%x-%s", os.time(), tostring(heads):match("0x(%x+)"))
