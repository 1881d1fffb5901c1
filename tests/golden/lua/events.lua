-- Events: named signals with listeners that may be removed while one is being sent.

local setmetatable, type = setmetatable, type
local unpack = table.unpack or unpack

local Emitter = {}
Emitter.__index = Emitter
Emitter.VERSION = "1.2.0"

local MAX_LISTENERS = 100

--- Whether a value can be called.
local function is_callable(value)
  if type(value) == "function" then
    return true
  end
  local meta = getmetatable(value)
  return meta ~= nil and meta.__call ~= nil
end

--- A new emitter.
-- @param options table: `limit`, the most listeners of one event
-- @return the emitter
function Emitter.new(options)
  options = options or {}
  local self = setmetatable({}, Emitter)
  self.listeners = {}
  self.limit = options.limit or MAX_LISTENERS
  return self
end

--- Calls `listener` whenever `event` is sent.
function Emitter:on(event, listener)
  assert(is_callable(listener), "a listener must be callable")
  local list = self.listeners[event] or {}
  if #list >= self.limit then
    error(("too many listeners of %s"):format(event), 2)
  end
  list[#list + 1] = listener
  self.listeners[event] = list
  return self
end

function Emitter:once(event, listener)
  local function wrapper(...)
    self:off(event, wrapper)
    return listener(...)
  end
  return self:on(event, wrapper)
end

function Emitter:off(event, listener)
  local list = self.listeners[event]
  for at = #(list or {}), 1, -1 do
    if list[at] == listener then
      table.remove(list, at)
    end
  end
  return self
end

Emitter.emit = function(self, event, ...)
  local list = self.listeners[event]
  if not list then
    return 0
  end
  local copy = { unpack(list) }
  for _, listener in ipairs(copy) do
    listener(...)
  end
  return #copy
end

local first, second = "first", "second"

local reset = function(emitter)
  emitter.listeners = {}
end

return {
  Emitter = Emitter,
  is_callable = is_callable,
  shared = function()
    local emitter = Emitter.new()
    reset(emitter)
    return emitter, first, second
  end,
}
