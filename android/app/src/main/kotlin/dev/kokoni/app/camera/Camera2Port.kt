// The back camera through Camera2: one repeating request to the preview and to a reader of
// YUV_420_888 images, whose first plane is the luma that the core reads.

package dev.kokoni.app.camera

import android.Manifest
import android.content.Context
import android.content.pm.PackageManager
import android.graphics.ImageFormat
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CameraMetadata
import android.hardware.camera2.CaptureRequest
import android.media.ImageReader
import android.os.Build
import android.os.Handler
import android.os.HandlerThread
import android.os.Looper
import android.view.Surface
import dev.kokoni.app.platform.Api28
import java.util.concurrent.CountDownLatch

/**
 * Everything of the camera happens on one thread of its own, the reading of frames too: while a
 * frame is read no other is taken, and the newest one waiting is the next.
 */
internal class Camera2Port(
    private val context: Context,
) : CameraPort {
    private val main = Handler(Looper.getMainLooper())
    private var session: Session? = null

    override val preview = PreviewView(context)

    override fun open(
        sink: FrameSink,
        tell: (CameraState) -> Unit,
    ) {
        close()
        tell(CameraState.Opening)
        preview.surface(
            ready = { start(it, sink, tell) },
            gone = ::end,
        )
    }

    private fun start(
        surface: Surface,
        sink: FrameSink,
        tell: (CameraState) -> Unit,
    ) {
        end()
        val manager = context.getSystemService(CameraManager::class.java)
        val chosen = backCamera(manager)
        if (chosen == null || context.checkSelfPermission(Manifest.permission.CAMERA) != PackageManager.PERMISSION_GRANTED) {
            tell(CameraState.Unavailable)
            return
        }
        preview.show(chosen.size)
        session = Session(manager, chosen, surface, sink, tell).also { it.open() }
    }

    override fun torch(on: Boolean) {
        session?.torch(on)
    }

    override fun close() {
        preview.noSurface()
        end()
    }

    private fun end() {
        session?.close()
        session = null
    }

    private fun backCamera(manager: CameraManager): Chosen? =
        try {
            val cameras = manager.cameraIdList.map { it to manager.getCameraCharacteristics(it) }
            val back = cameras.firstOrNull { (_, about) -> about[CameraCharacteristics.LENS_FACING] == CameraMetadata.LENS_FACING_BACK }
            (back ?: cameras.firstOrNull())?.let { (id, about) -> chosenOf(id, about) }
        } catch (_: CameraAccessException) {
            null
        }

    private fun chosenOf(
        id: String,
        about: CameraCharacteristics,
    ): Chosen? {
        val offered = about[CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP]?.getOutputSizes(ImageFormat.YUV_420_888).orEmpty()
        val size = chosen(offered.map { FrameSize(it.width, it.height) }) ?: return null
        val focus = about[CameraCharacteristics.CONTROL_AF_AVAILABLE_MODES] ?: intArrayOf()
        return Chosen(
            id = id,
            size = size,
            hasTorch = about[CameraCharacteristics.FLASH_INFO_AVAILABLE] == true,
            focuses = CameraMetadata.CONTROL_AF_MODE_CONTINUOUS_PICTURE in focus,
        )
    }

    private class Chosen(
        val id: String,
        val size: FrameSize,
        val hasTorch: Boolean,
        val focuses: Boolean,
    )

    /** From one opening of the camera to its end. But for [open], [torch] and [close] on its thread. */
    private inner class Session(
        private val manager: CameraManager,
        private val chosen: Chosen,
        private val surface: Surface,
        private val sink: FrameSink,
        private val tell: (CameraState) -> Unit,
    ) {
        private val thread = HandlerThread("camera").apply { start() }
        private val handler = Handler(thread.looper)
        private val images = ImageReader.newInstance(chosen.size.width, chosen.size.height, ImageFormat.YUV_420_888, IMAGES)
        private var device: CameraDevice? = null
        private var capture: CameraCaptureSession? = null
        private var torch = false
        private var ended = false

        fun open() {
            images.setOnImageAvailableListener(::take, handler)
            handler.post {
                try {
                    manager.openCamera(chosen.id, opening, handler)
                } catch (_: CameraAccessException) {
                    failed()
                } catch (_: SecurityException) {
                    failed()
                }
            }
        }

        fun torch(on: Boolean) {
            handler.post {
                torch = on
                repeat()
            }
        }

        fun close() {
            val lastFrame = CountDownLatch(1)
            handler.post {
                ended = true
                lastFrame.countDown()
                capture?.close()
                device?.close()
                images.close()
                thread.quitSafely()
            }
            // The reader of the frames may be freed after this: wait for the frame in hand, but not
            // for the camera, which takes its time.
            lastFrame.await()
        }

        private fun take(reader: ImageReader) {
            if (ended) return
            val image = reader.acquireLatestImage() ?: return
            try {
                val luma = image.planes[0]
                sink.frame(luma.buffer, image.width, image.height, luma.rowStride, luma.pixelStride)
            } finally {
                image.close()
            }
        }

        private val opening =
            object : CameraDevice.StateCallback() {
                override fun onOpened(camera: CameraDevice) {
                    if (ended) return camera.close()
                    device = camera
                    configure(camera)
                }

                override fun onDisconnected(camera: CameraDevice) = lost(camera)

                override fun onError(
                    camera: CameraDevice,
                    error: Int,
                ) = lost(camera)
            }

        private val configuring =
            object : CameraCaptureSession.StateCallback() {
                override fun onConfigured(session: CameraCaptureSession) {
                    if (ended) return
                    capture = session
                    repeat()
                    say(CameraState.Open(chosen.hasTorch))
                }

                override fun onConfigureFailed(session: CameraCaptureSession) = failed()
            }

        private fun configure(camera: CameraDevice) {
            val surfaces = listOf(surface, images.surface)
            try {
                if (Build.VERSION.SDK_INT >= 28) {
                    Api28.createSession(camera, surfaces, handler::post, configuring)
                } else {
                    @Suppress("DEPRECATION")
                    camera.createCaptureSession(surfaces, configuring, handler)
                }
            } catch (_: CameraAccessException) {
                failed()
            }
        }

        private fun repeat() {
            val session = capture ?: return
            try {
                val request = session.device.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW)
                request.addTarget(surface)
                request.addTarget(images.surface)
                if (chosen.focuses) request[CaptureRequest.CONTROL_AF_MODE] = CameraMetadata.CONTROL_AF_MODE_CONTINUOUS_PICTURE
                request[CaptureRequest.CONTROL_AE_MODE] = CameraMetadata.CONTROL_AE_MODE_ON
                request[CaptureRequest.FLASH_MODE] =
                    if (torch && chosen.hasTorch) CameraMetadata.FLASH_MODE_TORCH else CameraMetadata.FLASH_MODE_OFF
                session.setRepeatingRequest(request.build(), null, handler)
            } catch (_: CameraAccessException) {
                failed()
            } catch (_: IllegalStateException) {
                // The session was closed meanwhile; onDisconnected or close tells.
                capture = null
            }
        }

        private fun lost(camera: CameraDevice) {
            camera.close()
            device = null
            capture = null
            failed()
        }

        private fun failed() = say(CameraState.Unavailable)

        private fun say(state: CameraState) {
            main.post { if (session === this) tell(state) }
        }
    }

    private companion object {
        /** One being read, and the newest behind it. */
        const val IMAGES = 2
    }
}
