@file:JvmName("Sessions")

package org.example.session

import java.time.Clock
import java.time.Instant
import java.util.concurrent.ConcurrentHashMap
import kotlin.time.Duration

/** How many sessions are kept before the oldest goes. */
const val MAX_SESSIONS = 10_000

private val log = Logger.named("session")

typealias Listener = (Session) -> Unit

/** Why a session ended. */
enum class EndReason(val code: Int) {
    EXPIRED(1),
    LOGOUT(2),
    EVICTED(3);

    fun isVoluntary(): Boolean = this == LOGOUT

    companion object {
        fun of(code: Int): EndReason = values().first { it.code == code }
    }
}

/**
 * A user's session.
 *
 * @property id random and unguessable
 */
@Serializable
data class Session(
    val id: String,
    val user: String,
    val started: Instant,
) : Comparable<Session> {
    val isAnonymous: Boolean
        get() = user.isEmpty()

    constructor(user: String) : this(newId(), user, Instant.now())

    override fun compareTo(other: Session): Int = started.compareTo(other.started)
}

/** Somewhere sessions are kept. */
interface SessionStore {
    val size: Int

    fun get(id: String): Session?

    suspend fun put(session: Session)

    fun <T> withSession(id: String, block: (Session) -> T): T? = get(id)?.let(block)
}

class MemorySessionStore(
    private val clock: Clock,
    private val ttl: Duration,
) : SessionStore {
    private val sessions = ConcurrentHashMap<String, Session>()
    private var listeners = emptyList<Listener>()

    init {
        require(ttl.isPositive()) { "a session must live for some time" }
    }

    override val size get() = sessions.size

    override fun get(id: String): Session? {
        val session = sessions[id] ?: return null
        if (session.started.plusMillis(ttl.inWholeMilliseconds) < clock.instant()) {
            end(session, EndReason.EXPIRED)
            return null
        }
        return session
    }

    override suspend fun put(session: Session) {
        if (sessions.size >= MAX_SESSIONS) {
            evictOldest()
        }
        sessions[session.id] = session
        listeners.forEach { it(session) }
    }

    /** Ends the session that was started first. */
    private fun evictOldest() {
        fun older(a: Session, b: Session): Session = if (a < b) a else b
        sessions.values.reduceOrNull(::older)?.let { end(it, EndReason.EVICTED) }
    }

    private fun end(session: Session, reason: EndReason) {
        sessions.remove(session.id)
        log.info("session ${session.id} of ${session.user} ended: $reason")
    }

    inner class Sweeper : Runnable {
        override fun run() {
            val now = clock.instant()
            sessions.values.filter { it.started.plusMillis(ttl.inWholeMilliseconds) < now }
                .forEach { end(it, EndReason.EXPIRED) }
        }
    }
}

object SessionIds {
    private val random = java.security.SecureRandom()

    fun next(): String {
        val bytes = ByteArray(16)
        random.nextBytes(bytes)
        return bytes.joinToString("") { "%02x".format(it) }
    }
}

/** A new id. */
fun newId(): String = SessionIds.next()

fun Session.describe(): String = "$user since $started"

sealed interface Lookup {
    data class Found(val session: Session) : Lookup
    object Missing : Lookup
}
