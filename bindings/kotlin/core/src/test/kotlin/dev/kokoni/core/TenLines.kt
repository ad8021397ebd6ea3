// The ten lines of bindings/README.md, compiled and run.

package dev.kokoni.core

import java.nio.ByteBuffer
import java.nio.file.Path

internal suspend fun tenLines(
    folder: Path,
    secrets: SecretStore,
    link: String,
    frame: ByteBuffer,
): Pair<ScanCard, SyncOutcome> {
    // README: begin
    Kokoni.open(KokoniConfig(folder, appVersion = "1.0", deviceName = "Pixel 9"), secrets).use { kokoni ->
        kokoni.enrol(link)
        kokoni.sync()
        kokoni.frameReader().use { reader ->
            val label = reader.read(frame, width = 640, height = 480).news ?: error("no label in sight")
            val card = kokoni.scan(label, Via.CAMERA)
            println(card.title) // 2階 A-12 に着席しました
            return card to kokoni.sync()
        }
    }
    // README: end
}
