// The short ways in: tile, widget and shortcuts lead where they say.

package dev.kokoni.app

import android.app.PendingIntent
import android.appwidget.AppWidgetManager
import android.content.ComponentName
import android.content.Intent
import android.content.pm.PackageManager
import android.service.quicksettings.TileService
import android.view.View
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.xmlpull.v1.XmlPullParser
import java.lang.reflect.Proxy

@RunWith(RobolectricTestRunner::class)
class WaysInTest {
    private val app = RuntimeEnvironment.getApplication()

    private fun started(): Intent = shadowOf(app).nextStartedActivity

    @Test
    fun `the tile opens the camera`() {
        val intent = tapped(Robolectric.buildService(ScanTile::class.java).create().get())
        assertEquals(Session.ACTION_SCAN, intent.action)
        assertEquals(ComponentName(app, MainActivity::class.java), intent.component)
    }

    /** What a tap opens: handed to the system's panel on new phones, started by the tile on old ones. */
    private fun tapped(tile: TileService): Intent {
        val panel = TileService::class.java.getDeclaredField("mService").apply { isAccessible = true }
        var handed: PendingIntent? = null
        val taker = Proxy.newProxyInstance(panel.type.classLoader, arrayOf(panel.type)) { _, _, arguments -> arguments?.firstOrNull { it is PendingIntent }?.let { handed = it as PendingIntent } }
        panel.set(tile, taker)
        tile.onClick()
        return handed?.let { shadowOf(it).savedIntent } ?: started()
    }

    @Test
    fun `only the system may bind the tile, and it is named`() {
        val service = app.packageManager.getServiceInfo(ComponentName(app, ScanTile::class.java), PackageManager.GET_META_DATA)
        assertEquals("android.permission.BIND_QUICK_SETTINGS_TILE", service.permission)
        assertTrue(service.loadLabel(app.packageManager).isNotBlank())
        assertEquals(1, app.packageManager.queryIntentServices(Intent(TileService.ACTION_QS_TILE).setPackage(app.packageName), 0).size)
    }

    @Test
    fun `the widget opens the camera and the day, in words`() {
        val manager = shadowOf(AppWidgetManager.getInstance(app))
        val widget = manager.getViewFor(manager.createWidget(ScanWidget::class.java, R.layout.scan_widget))
        for ((id, action) in listOf(R.id.widget_scan to Session.ACTION_SCAN, R.id.widget_today to Session.ACTION_TODAY)) {
            val control = widget.findViewById<View>(id)
            assertTrue((control.contentDescription ?: (control as android.widget.TextView).text).isNotBlank())
            control.performClick()
            assertEquals(action, started().action)
        }
    }

    @Test
    fun `the shortcuts are ways the app knows`() {
        val actions = ArrayList<String>()
        app.resources.getXml(R.xml.shortcuts).use { xml ->
            while (xml.next() != XmlPullParser.END_DOCUMENT) {
                if (xml.eventType == XmlPullParser.START_TAG && xml.name == "intent") actions += xml.getAttributeValue(ANDROID, "action")
            }
        }
        assertEquals(listOf(Session.ACTION_SCAN, Session.ACTION_TODAY), actions)
    }

    private companion object {
        const val ANDROID = "http://schemas.android.com/apk/res/android"
    }
}
