// Pictures of screens as files: drawn by the system's own code, kept small, compared pixel by pixel.

package dev.kokoni.app.pictures

import android.graphics.Bitmap
import android.graphics.Canvas
import android.view.View
import java.awt.image.BufferedImage
import java.awt.image.IndexColorModel
import java.io.File
import javax.imageio.ImageIO
import kotlin.math.abs

/** A screen as it was drawn, or as it was reviewed. */
internal class Picture(
    private val width: Int,
    private val height: Int,
    /** 0xRRGGBB, each channel in sixteen steps: enough to judge a screen by, and it packs well. */
    private val pixels: IntArray,
) {
    fun write(file: File) {
        file.parentFile.mkdirs()
        val colours = pixels.distinct()
        val image =
            if (colours.size <= PALETTE) {
                val model = IndexColorModel(8, colours.size, colours.toIntArray(), 0, false, -1, java.awt.image.DataBuffer.TYPE_BYTE)
                BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, model)
            } else {
                BufferedImage(width, height, BufferedImage.TYPE_INT_RGB)
            }
        image.setRGB(0, 0, width, height, pixels.map { it or OPAQUE }.toIntArray(), 0, width)
        check(ImageIO.write(image, "png", file)) { "there is no writer of PNG files" }
    }

    /** How many pixels a person would see as another; all of them where the sizes differ. */
    fun differing(other: Picture): Int {
        if (width != other.width || height != other.height) return maxOf(pixels.size, other.pixels.size)
        return pixels.indices.count { at -> channels(pixels[at]).zip(channels(other.pixels[at])).any { (one, two) -> abs(one - two) > SEEN } }
    }

    private fun channels(pixel: Int) = listOf(pixel shr 16 and 0xFF, pixel shr 8 and 0xFF, pixel and 0xFF)

    companion object {
        private const val PALETTE = 256
        private const val OPAQUE = 0xFF shl 24

        /** Of 255: what rounding at the edge of a letter may come to. */
        private const val SEEN = 48

        fun of(view: View): Picture {
            val bitmap = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
            view.draw(Canvas(bitmap))
            val pixels = IntArray(view.width * view.height)
            bitmap.getPixels(pixels, 0, view.width, 0, 0, view.width, view.height)
            bitmap.recycle()
            return Picture(view.width, view.height, IntArray(pixels.size) { rounded(pixels[it]) })
        }

        fun read(file: File): Picture {
            val image = ImageIO.read(file)
            val pixels = image.getRGB(0, 0, image.width, image.height, null, 0, image.width)
            return Picture(image.width, image.height, IntArray(pixels.size) { pixels[it] and 0xFFFFFF })
        }

        /** To multiples of 17: 0, 17, ... 255. */
        private fun rounded(pixel: Int): Int {
            fun step(shift: Int) = ((pixel shr shift and 0xFF) + 8) / 17 * 17 shl shift
            return step(16) or step(8) or step(0)
        }
    }
}
