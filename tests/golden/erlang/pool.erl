%% A pool of workers that are lent one at a time.
-module(pool).
-behaviour(gen_server).

-export([start_link/1, take/1, give/2]).
-export([init/1, handle_call/3]).

-include("pool.hrl").

-define(TIMEOUT, 5000).
-define(is_idle(W), W#worker.state =:= idle).

-record(state, {idle = [] :: [pid()], busy = #{}, waiting = queue:new()}).

-type worker() :: pid().
-opaque ticket() :: reference().

-spec start_link(pos_integer()) -> {ok, pid()}.
start_link(Size) ->
    gen_server:start_link(?MODULE, Size, []).

%% @doc Takes a worker, waiting for one if need be.
-spec take(pid()) -> {ok, worker()} | {error, timeout}.
take(Pool) ->
    try gen_server:call(Pool, take, ?TIMEOUT)
    catch exit:{timeout, _} -> {error, timeout}
    end.

give(Pool, Worker) ->
    gen_server:cast(Pool, {give, Worker}).

init(Size) ->
    Workers = [spawn_link(fun worker/0) || _ <- lists:seq(1, Size)],
    {ok, #state{idle = Workers}}.

handle_call(take, _From, #state{idle = [Worker | Rest]} = State) ->
    Busy = maps:put(Worker, erlang:monotonic_time(), State#state.busy),
    {reply, {ok, Worker}, State#state{idle = Rest, busy = Busy}};
handle_call(take, From, #state{idle = []} = State) ->
    {noreply, State#state{waiting = queue:in(From, State#state.waiting)}};
handle_call(size, _From, State) ->
    {reply, length(State#state.idle), State}.

worker() ->
    receive
        {run, Fun} -> Fun(), worker();
        stop -> ok
    end.
