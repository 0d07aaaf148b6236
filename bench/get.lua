-- GET of a path, where one is given with a token.
--
--   wrk -s bench/get.lua http://127.0.0.1:3333 -- /points
--   wrk -s bench/get.lua http://127.0.0.1:3333 -- /user/ xyz
dofile((debug.getinfo(1, "S").source:match("^@(.*/)") or "") .. "figures.lua")
local get

init = function(args)
  local headers = {}
  if args[2] then headers["Authorization"] = args[2] end
  get = wrk.format("GET", args[1], headers)
end

request = function()
  return get
end
