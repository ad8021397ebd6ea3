// Searching with and without a network.

package dev.kokoni.app.people

import dev.kokoni.core.Person
import dev.kokoni.core.PersonId
import dev.kokoni.core.Whereabouts
import dev.kokoni.core.fake.FakeKokoni
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

class SearchTest {
    private val person = Person(PersonId("1"), "山田 太郎", "やまだ たろう", "企画課", "1234", "tel:1234", Whereabouts.PRESENT, "3階 A-12", null, null)
    private val kokoni = FakeKokoni().apply { colleagues = listOf(person) }

    private fun answers(query: String) = runBlocking { kokoni.search(query).toList() }

    @Test
    fun `nothing is asked for an empty field`() = assertEquals(listOf(PeopleUiState.Idle), answers("  "))

    @Test
    fun `the phone's own list comes first, whereabouts follow`() {
        val (own, now) = answers("山田").map { it as PeopleUiState.Found }
        assertEquals(listOf(null, "3階 A-12"), listOf(own, now).map { it.people.single().whereText })
    }

    @Test
    fun `without a network the own list stays, with why`() {
        kokoni.online = false
        val last = answers("山田").last() as PeopleUiState.Found
        assertEquals("山田 太郎", last.people.single().name)
        assertTrue(last.note.orEmpty().isNotBlank())
    }

    @Test
    fun `nobody is a sentence`() = assertEquals(PeopleUiState.Nobody, answers("鈴木").last())
}
