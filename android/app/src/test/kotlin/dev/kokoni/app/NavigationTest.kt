// The way through the screens and back.

package dev.kokoni.app

import dev.kokoni.core.FloorId
import dev.kokoni.core.fake.FakeKokoni
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Test

class NavigationTest {
    private val first = BackStack(Destination.Scan)

    @Test
    fun `back leads the way one came`() {
        val far = first.to(Destination.Today).to(Destination.People)
        assertEquals(Destination.Today, far.back().top)
        assertEquals(Destination.Scan, far.back().back().top)
        assertFalse(far.back().back().canGoBack)
        assertEquals(first, first.back())
    }

    @Test
    fun `going where one was already goes back`() = assertEquals(first, first.to(Destination.Today).to(Destination.Settings).to(Destination.Scan))

    @Test
    fun `what was saved is restored, but no secret is`() {
        val stack = first.to(Destination.Floors).to(Destination.Floor(FloorId("f"))).to(Destination.Enrol("https://kokoni.example/enrol#SECRET"))
        assertFalse(stack.saved().any { "SECRET" in it })
        assertEquals(stack.entries.dropLast(1) + Destination.Enrol(), BackStack.restored(stack.saved())?.entries)
    }

    @Test
    fun `nothing is restored from what another version saved`() {
        assertNull(BackStack.restored(listOf("scan", "hologram")))
        assertNull(BackStack.restored(emptyList()))
    }

    @Test
    fun `nobody's phone can only be enrolled, by the link at hand`() {
        val link = Destination.Enrol("https://kokoni.example/enrol#CODE")
        assertEquals(BackStack(Destination.Enrol()), first.to(Destination.Today).fitting(null))
        assertEquals(BackStack(link), first.to(link).fitting(null))
    }

    @Test
    fun `an enrolled phone leaves the enrolment and keeps any other place`() {
        assertEquals(first, BackStack(Destination.Enrol()).to(Destination.Scan).fitting(FakeKokoni.EXAMPLE_ENROLMENT))
        val today = first.to(Destination.Today)
        assertEquals(today, today.fitting(FakeKokoni.EXAMPLE_ENROLMENT))
    }
}
