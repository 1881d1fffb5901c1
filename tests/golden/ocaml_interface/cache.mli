(** A cache with a bound. *)

type 'a t

type policy =
  | Lru
  | Fifo of int

exception Full of string

(** An empty cache of this size. *)
val create : ?policy:policy -> int -> 'a t

val put : 'a t -> string -> 'a -> unit
(** Puts a value in. *)

module type STORE = sig
  type t

  val find : t -> string -> int option
end

module Key : sig
  type t = string

  val compare : t -> t -> int
end
