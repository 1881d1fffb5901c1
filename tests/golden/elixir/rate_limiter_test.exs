defmodule Gate.RateLimiterTest do
  use ExUnit.Case, async: true

  setup do
    {:ok, server: start_supervised!({Gate.RateLimiter, rate: 1, burst: 2})}
  end

  describe "allow?/2" do
    test "saved tokens are spent first", %{server: server} do
      assert Gate.RateLimiter.allow?(server, "a")
      assert Gate.RateLimiter.allow?(server, "a")
      refute Gate.RateLimiter.allow?(server, "a")
    end

    test "clients do not share a bucket", %{server: server} do
      assert Gate.RateLimiter.allow?(server, "b")
    end
  end
end
