// Which screens there are, and the way back through them. Pure.

package dev.kokoni.app

import dev.kokoni.core.FloorId

/** A screen one can go to. */
internal sealed interface Destination {
    data object Scan : Destination

    data object Typing : Destination

    data object Today : Destination

    data object People : Destination

    data object Floors : Destination

    data class Floor(
        val floor: FloorId,
    ) : Destination

    data class Enrol(
        /** A link that was opened or read; null on the way to one. */
        val link: String? = null,
    ) : Destination {
        /** The link holds a secret. */
        override fun toString() = "Enrol"
    }

    data object Settings : Destination
}

/** The screens behind the one in front; never empty. */
internal data class BackStack(
    val entries: List<Destination>,
) {
    constructor(first: Destination) : this(listOf(first))

    val top: Destination get() = entries.last()

    val canGoBack: Boolean get() = entries.size > 1

    /** Forward; to a screen that is behind already, back to it. */
    fun to(destination: Destination): BackStack {
        val at = entries.indexOfFirst { it::class == destination::class }
        return BackStack(if (at < 0) entries + destination else entries.take(at) + destination)
    }

    fun back(): BackStack = if (canGoBack) BackStack(entries.dropLast(1)) else this

    /** For the system to keep. Links are left out: the system need not know them. */
    fun saved(): ArrayList<String> = ArrayList(entries.map(::nameOf))

    companion object {
        /** What [saved] gave; null for what this version does not know. */
        fun restored(saved: List<String>): BackStack? =
            saved.map { destinationOf(it) ?: return null }.takeIf { it.isNotEmpty() }?.let(::BackStack)
    }
}

private fun nameOf(destination: Destination): String =
    when (destination) {
        Destination.Scan -> "scan"
        Destination.Typing -> "typing"
        Destination.Today -> "today"
        Destination.People -> "people"
        Destination.Floors -> "floors"
        is Destination.Floor -> "floor:${destination.floor.text}"
        is Destination.Enrol -> "enrol"
        Destination.Settings -> "settings"
    }

private fun destinationOf(name: String): Destination? =
    when (name.substringBefore(':')) {
        "scan" -> Destination.Scan
        "typing" -> Destination.Typing
        "today" -> Destination.Today
        "people" -> Destination.People
        "floors" -> Destination.Floors
        "floor" -> Destination.Floor(FloorId(name.substringAfter(':')))
        "enrol" -> Destination.Enrol()
        "settings" -> Destination.Settings
        else -> null
    }
