// Enrolling, over a core that is a fake.

package dev.kokoni.app.enrol

import dev.kokoni.core.KokoniException
import dev.kokoni.core.Words
import dev.kokoni.core.fake.FakeKokoni
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Test

class EnrolPresenterTest {
    private val kokoni = FakeKokoni(enrolled = null)
    private val presenter = EnrolPresenter(kokoni, CoroutineScope(Dispatchers.Unconfined))
    private val link = "https://kokoni.example/enrol#0123456789ABCDEFGHJKMNPQRS"

    @Test
    fun `a link alone enrols nobody`() {
        presenter.onLink(link)
        assertEquals(EnrolUiState.Asking(link, "この端末を kokoni.example に登録します。"), presenter.state.value)
        assertNull(runBlocking { kokoni.enrolment() })
        presenter.onCancel()
        assertEquals(EnrolUiState.Choosing(), presenter.state.value)
    }

    @Test
    fun `the person's word does`() {
        presenter.onLink(link)
        presenter.onAgree()
        assertEquals(EnrolUiState.Done, presenter.state.value)
        assertNotNull(runBlocking { kokoni.enrolment() })
    }

    @Test
    fun `a failure is told in the core's words and one can try again`() {
        kokoni.failNext(KokoniException.CodeNotValid(Words("コードが違います", "The code is wrong")))
        presenter.onLink(link)
        presenter.onAgree()
        assertEquals(EnrolUiState.Choosing("コードが違います"), presenter.state.value)
        presenter.onLink(link)
        presenter.onAgree()
        assertEquals(EnrolUiState.Done, presenter.state.value)
    }

    @Test
    fun `a link whose question cannot be read is not enrolled by`() {
        kokoni.failNext(KokoniException.StorageFailed(Words("読めません", "It cannot be read")))
        presenter.onLink(link)
        assertEquals(EnrolUiState.Choosing("読めません"), presenter.state.value)
        presenter.onAgree()
        assertNull(runBlocking { kokoni.enrolment() })
    }

    @Test
    fun `a link is never written out`() {
        presenter.onLink(link)
        assertFalse("0123456789" in presenter.state.value.toString())
    }
}
