defmodule Gate.RateLimiter do
  @moduledoc """
  A token bucket a client, refilled over time.
  """

  use GenServer
  require Logger

  @refill_ms 1_000
  @default_burst 20

  @type client :: String.t()
  @typedoc "What a client may still do."
  @type bucket :: %{tokens: non_neg_integer, at: integer}

  @callback now() :: integer

  defstruct buckets: %{}, rate: 10, burst: @default_burst

  @doc """
  Starts a limiter.

  ## Options

    * `:rate` - tokens a second
    * `:burst` - the most tokens that are saved
  """
  @spec start_link(keyword()) :: GenServer.on_start()
  def start_link(opts \\ []) do
    {name, opts} = Keyword.pop(opts, :name, __MODULE__)
    GenServer.start_link(__MODULE__, opts, name: name)
  end

  @doc "Whether the client may go on."
  @spec allow?(GenServer.server(), client) :: boolean
  def allow?(server \\ __MODULE__, client) when is_binary(client) do
    GenServer.call(server, {:take, client})
  end

  defguard is_full(bucket, burst) when bucket.tokens >= burst

  defmacro limited(client, do: block) do
    quote do
      if Gate.RateLimiter.allow?(unquote(client)), do: unquote(block), else: {:error, :rate_limited}
    end
  end

  @impl true
  def init(opts) do
    Process.send_after(self(), :sweep, @refill_ms)
    {:ok, struct!(__MODULE__, opts)}
  end

  @impl true
  def handle_call({:take, client}, _from, state) do
    bucket = state.buckets |> Map.get(client, fresh(state)) |> refill(state)

    case bucket do
      %{tokens: 0} ->
        Logger.debug("#{client} is limited")
        {:reply, false, put(state, client, bucket)}

      %{tokens: tokens} ->
        {:reply, true, put(state, client, %{bucket | tokens: tokens - 1})}
    end
  end

  def handle_call(:size, _from, state), do: {:reply, map_size(state.buckets), state}

  @impl true
  def handle_info(:sweep, state) do
    Process.send_after(self(), :sweep, @refill_ms)
    full = fn {_client, bucket} -> is_full(bucket, state.burst) end
    {:noreply, %{state | buckets: Map.reject(state.buckets, full)}}
  end

  defp fresh(state), do: %{tokens: state.burst, at: now()}

  defp refill(%{at: at} = bucket, %{rate: rate, burst: burst}) do
    elapsed = now() - at
    %{bucket | tokens: min(burst, bucket.tokens + div(elapsed * rate, @refill_ms)), at: now()}
  end

  defp put(state, client, bucket), do: put_in(state.buckets[client], bucket)

  def now, do: System.monotonic_time(:millisecond)

  defdelegate stop(server), to: GenServer

  defmodule LimitError do
    defexception [:client]

    def message(%{client: client}), do: "#{client} is over its limit"
  end
end

defprotocol Gate.Client do
  @doc "What a client is known by."
  def key(client)
end

defimpl Gate.Client, for: BitString do
  def key(client), do: client
end
