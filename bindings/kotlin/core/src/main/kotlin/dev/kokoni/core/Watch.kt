// Values that follow what changes.

package dev.kokoni.core

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.transform

/**
 * A value now, and again whenever it has changed: `kokoni.watch { today() }`.
 *
 * A slow collector gets only the newest value. Before enrolment there is none; it comes with the
 * enrolment. Another exception of [read] ends the flow with it; closing the Kokoni completes it.
 *
 * @param topics ask again only for these; all of them if none is given
 */
public fun <T> Kokoni.watch(
    vararg topics: Topic,
    read: suspend Kokoni.() -> T,
): Flow<T> {
    val wanted = topics.ifEmpty { Topic.entries.toTypedArray() }.toSet()
    return changes
        .filter { changed -> changed.any(wanted::contains) || Topic.IDENTITY in changed }
        .transform { valueOf(read)?.let { emit(it.value) } }
        .distinctUntilChanged()
        .conflate()
}

/** What was read; null while there is nothing to read, or nothing any more. */
private suspend fun <T> Kokoni.valueOf(read: suspend Kokoni.() -> T): Read<T>? =
    try {
        Read(read())
    } catch (_: KokoniException.NotEnrolled) {
        null
    } catch (_: KokoniException.Closed) {
        null
    }

private class Read<T>(
    val value: T,
)
