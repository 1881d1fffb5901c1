/*
 * Licensed under the same terms as the rest.
 */
package org.example.ledger;

import java.util.ArrayList;
import java.util.List;

/**
 * Keeps entries in the order in which they were booked.
 */
@Deprecated(since = "2.0")
public final class Ledger implements Iterable<Ledger.Entry> {
    private static final int LIMIT = 10_000;
    private final List<Entry> entries = new ArrayList<>(), pending = new ArrayList<>();

    /** One booking. */
    public record Entry(String account, long cents) {
        public Entry {
            if (account.isBlank()) {
                throw new IllegalArgumentException("account");
            }
        }

        boolean isCredit() {
            return cents > 0;
        }
    }

    enum Side {
        DEBIT,
        /** Money that comes in. */
        CREDIT {
            @Override
            int sign() { return 1; }
        };

        int sign() { return -1; }
    }

    /**
     * Notified of each booking, after it was written and before the call that made it returns, on the thread of the
     * caller.
     */
    public interface Listener {
        void booked(Entry entry);
    }

    public @interface Audited {
        String value() default "";
    }

    public Ledger() {
        this(LIMIT);
    }

    private Ledger(int limit) {
        if (limit > LIMIT) {
            throw new IllegalArgumentException("limit");
        }
    }

    /**
     * Books an entry.
     *
     * @param entry what to book
     * @throws IllegalStateException when the ledger is full
     */
    @Audited("book")
    @SafeVarargs
    public final synchronized void book(Entry entry, Listener... listeners) {
        if (entries.size() >= LIMIT) {
            throw new IllegalStateException("full");
        }
        entries.add(entry);
        for (Listener listener : listeners) {
            listener.booked(entry);
        }
    }

    @Override
    public java.util.Iterator<Entry> iterator() {
        return new java.util.Iterator<Entry>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < entries.size();
            }

            @Override
            public Entry next() {
                return entries.get(next++);
            }
        };
    }
}
