// How a blocking call of the core becomes a suspending one.

package dev.kokoni.core

import dev.kokoni.core.ffi.CallLimits
import dev.kokoni.core.ffi.CancelHandle
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.time.Duration
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.coroutines.ContinuationInterceptor
import dev.kokoni.core.ffi.KokoniException as FfiException

/** The calls of one object of the core: where they run, and whether it is closed. */
internal class RustCalls(
    private val dispatcher: CoroutineDispatcher,
) {
    private val closed = AtomicBoolean()
    private val underWay: MutableSet<CancelHandle> = ConcurrentHashMap.newKeySet()

    /**
     * A call that only uses the phone's own database: too short to be cancelled. Once it has begun,
     * what it gives is told also to a coroutine that was cancelled meanwhile: a scan may be saved.
     */
    suspend fun <T> local(call: () -> T): T = finished(dispatcher) { now(call) }

    /** A call that makes something: it is closed again if the coroutine was cancelled meanwhile. */
    suspend fun <T : AutoCloseable> made(call: () -> T): T = made(dispatcher) { now(call) }

    /** A call on the caller's own thread. */
    fun <T> now(call: () -> T): T {
        if (closed.get()) throw closedException()
        return try {
            call()
        } catch (error: FfiException) {
            throw error.toKokoniException()
        } catch (error: IllegalStateException) {
            // The generated object refuses calls once it is destroyed, if it was between the look
            // above and the call.
            if (closed.get()) throw closedException(error) else throw error
        }
    }

    /**
     * A call that waits for the network. The coroutine's cancellation reaches the core at once, on
     * the thread that cancels; the coroutine ends when the core has let go.
     */
    suspend fun <T> limited(
        deadline: Duration,
        call: (CallLimits) -> T,
    ): T =
        CancelHandle().use { handle ->
            underWay += handle
            try {
                cancelling(handle) {
                    withContext(dispatcher) { now { call(CallLimits(deadline, handle)) } }
                }
            } catch (error: CallCancelled) {
                // Ours was cancelled, or the Kokoni was closed: only the former is a cancellation.
                currentCoroutineContext().ensureActive()
                throw closedException(error)
            } finally {
                underWay -= handle
            }
        }

    /** Closes once: what is under way is cancelled first, so that nobody waits for the network. */
    fun close(release: () -> Unit) {
        if (!closed.compareAndSet(false, true)) return
        underWay.forEach { it.cancel() }
        release()
    }

    private suspend fun <T> cancelling(
        handle: CancelHandle,
        call: suspend () -> T,
    ): T =
        coroutineScope {
            // Unconfined: a busy dispatcher of the caller must not hold up the cancellation.
            val watch =
                launch(Dispatchers.Unconfined, CoroutineStart.UNDISPATCHED) {
                    try {
                        awaitCancellation()
                    } finally {
                        handle.cancel()
                    }
                }
            try {
                call()
            } finally {
                watch.cancel()
            }
        }
}

/**
 * A call that is finished once it has begun: `withContext` alone drops what a call gave if the
 * coroutine is cancelled on the way back.
 */
internal suspend fun <T> finished(
    dispatcher: CoroutineDispatcher,
    call: () -> T,
): T {
    val caller = currentCoroutineContext()
    caller.ensureActive()
    // Already on a thread that may wait.
    if (caller[ContinuationInterceptor] === dispatcher) return call()
    return withContext(NonCancellable) {
        withContext(dispatcher) {
            caller.ensureActive()
            call()
        }
    }
}

/** A call that makes something; nobody gets it if the coroutine was cancelled meanwhile. */
internal suspend fun <T : AutoCloseable> made(
    dispatcher: CoroutineDispatcher,
    call: () -> T,
): T {
    val thing = finished(dispatcher, call)
    if (!currentCoroutineContext().isActive) {
        withContext(NonCancellable + dispatcher) { thing.close() }
        currentCoroutineContext().ensureActive()
    }
    return thing
}

/** The core says that a call was cancelled; becomes a CancellationException or Closed. */
internal class CallCancelled : RuntimeException("the call was cancelled")

internal fun closedException(cause: Throwable? = null): KokoniException =
    KokoniException.Closed(Words("すでに閉じられています。", "It has been closed already."), cause)
