(** A cache with a bound. *)

open Printf

type 'a entry = {
  value : 'a;
  mutable used : int;
}

type policy =
  | Lru
  | Fifo of int

exception Full of string

module Key = struct
  type t = string

  let compare = String.compare
end

module type STORE = sig
  type t

  val find : t -> string -> int option
end

module Table = Map.Make (Key)

(** An empty cache of this size. *)
let create ?(policy = Lru) size =
  if size <= 0 then invalid_arg "create";
  (policy, size, ref Table.empty)

let max_size = 1024

(* Puts a value in, pushing out what was not used for the longest time. *)
let rec put (policy, size, table) key value =
  let oldest entries = Table.min_binding_opt entries in
  if Table.cardinal !table >= size then begin
    match oldest !table with
    | Some (key, _) ->
      table := Table.remove key !table;
      put (policy, size, table) key value
    | None -> raise (Full key)
  end
  else table := Table.add key { value; used = 0 } !table

and get (_, _, table) key =
  match Table.find_opt key !table with
  | Some entry ->
    entry.used <- entry.used + 1;
    Some entry.value
  | None -> None

let ( |?> ) option default = match option with Some x -> x | None -> default

class counter =
  object
    val mutable n = 0

    method increment = n <- n + 1

    method value = n
  end

external now : unit -> float = "caml_now"

let () = printf "%d\n" max_size
