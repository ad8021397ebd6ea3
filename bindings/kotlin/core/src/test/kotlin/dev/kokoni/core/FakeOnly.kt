// A program that uses the fake and nothing else.

package dev.kokoni.core

import dev.kokoni.core.fake.FakeKokoni
import dev.kokoni.core.fake.FakeOffice
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking

fun main() {
    runBlocking {
        FakeKokoni().use { kokoni ->
            kokoni.scan(FakeOffice.SEAT, Via.CAMERA)
            println(kokoni.watch { today() }.first().headline)
            kokoni.frameReader().close()
            println(kokoni.sync().end)
        }
    }
}
