(ns acme.ledger
  "Entries, and what they add up to."
  (:require [clojure.string :as str]
            [clojure.set :refer [difference]]))

(def ^:const max-entries 10000)

(defonce state (atom {}))

(defrecord Entry [account amount note])

(defprotocol Balanced
  "Things that have a balance."
  (balance [this])
  (settle [this account]))

;; Sums by account.
(defn totals
  "The sum of the entries of each account."
  ([entries] (totals entries {}))
  ([entries start]
   (reduce (fn [sums {:keys [account amount]}]
             (update sums account (fnil + 0) amount))
           start
           entries)))

(defn- parse-line [line]
  (let [[account amount & note] (str/split line #"\s+")]
    (->Entry account (bigdec amount) (str/join " " note))))

(defmacro with-ledger [path & body]
  `(binding [*out* (clojure.java.io/writer ~path)]
     ~@body))

(defmulti render :format)

(defmethod render :text [ledger]
  (str/join "\n" (map :note (:entries ledger))))

(extend-type Entry
  Balanced
  (balance [this] (:amount this))
  (settle [this account] (assoc this :account account)))

(comment
  (totals [(parse-line "cash 10 lunch")]))
