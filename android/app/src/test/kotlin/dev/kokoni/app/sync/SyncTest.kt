// When a job asks to be called again.

package dev.kokoni.app.sync

import dev.kokoni.core.SyncEnd
import org.junit.Assert.assertEquals
import org.junit.Test

class SyncTest {
    @Test
    fun `only what waits and may yet go through is tried again`() {
        val again = SyncEnd.entries.filter { tryAgain(it, waiting = 1) }
        assertEquals(listOf(SyncEnd.OFFLINE, SyncEnd.ALREADY_RUNNING, SyncEnd.DEADLINE_REACHED), again)
        assertEquals(emptyList<SyncEnd>(), SyncEnd.entries.filter { tryAgain(it, waiting = 0) })
    }
}
