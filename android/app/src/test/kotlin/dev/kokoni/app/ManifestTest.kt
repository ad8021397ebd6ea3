// What the app is to the system: what it may do, what leads to it, and what leaves the phone.

package dev.kokoni.app

import android.content.Intent
import android.content.pm.ApplicationInfo
import android.content.pm.PackageManager
import android.net.Uri
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.xmlpull.v1.XmlPullParser
import java.io.File

@RunWith(RobolectricTestRunner::class)
class ManifestTest {
    private val app = RuntimeEnvironment.getApplication()

    @Test
    fun `the app may do what it needs and no more`() {
        val asked = app.packageManager.getPackageInfo(app.packageName, PackageManager.GET_PERMISSIONS).requestedPermissions
        val needed = listOf("CAMERA", "INTERNET", "ACCESS_NETWORK_STATE", "POST_NOTIFICATIONS", "RECEIVE_BOOT_COMPLETED", "VIBRATE")
        assertEquals(needed.map { "android.permission.$it" }.toSet(), asked.orEmpty().toSet())
    }

    @Test
    fun `nothing leaves the phone, neither to a cloud nor to the next phone`() {
        assertEquals(0, app.applicationInfo.flags and ApplicationInfo.FLAG_ALLOW_BACKUP)
        val left = HashMap<String, MutableSet<String>>()
        var part = ""
        tags(R.xml.data_extraction_rules) { name, attribute ->
            if (name == "exclude") {
                assertEquals(".", attribute("path"))
                left.getValue(part) += attribute("domain")
            } else if (name != "data-extraction-rules") {
                part = name
                left[name] = HashSet()
            }
        }
        assertEquals(mapOf("cloud-backup" to DOMAINS, "device-transfer" to DOMAINS), left)
    }

    @Test
    fun `the system may show where back leads`() {
        assertTrue("android:enableOnBackInvokedCallback=\"true\"" in File("src/main/AndroidManifest.xml").readText())
    }

    @Test
    fun `an administrator finds the keys that the core reads`() {
        val keys = HashSet<String>()
        tags(R.xml.app_restrictions) { name, attribute -> if (name == "restriction") keys += attribute("key") }
        assertEquals(MANAGED, keys)
        val about = app.packageManager.getApplicationInfo(app.packageName, PackageManager.GET_META_DATA)
        assertEquals(R.xml.app_restrictions, about.metaData.getInt("android.content.APP_RESTRICTIONS"))
    }

    @Test
    fun `links of the labels' host lead here, and others do not`() {
        val host = app.getString(R.string.link_host)
        assertEquals(listOf(MainActivity::class.java.name), openers("https://$host/q/0123456789ABCDEF"))
        assertEquals(listOf(MainActivity::class.java.name), openers("https://$host/enrol#CODE"))
        for (link in listOf("https://$host/people", "https://other.$host/q/0123456789ABCDEF", "http://$host/q/0123456789ABCDEF", "https://$host/enrol/more")) {
            assertEquals(link, emptyList<String>(), openers(link))
        }
    }

    private fun openers(link: String): List<String> {
        val view = Intent(Intent.ACTION_VIEW, Uri.parse(link)).addCategory(Intent.CATEGORY_BROWSABLE).addCategory(Intent.CATEGORY_DEFAULT).setPackage(app.packageName)
        return app.packageManager.queryIntentActivities(view, 0).map { it.activityInfo.name }
    }

    private fun tags(
        xml: Int,
        see: (String, (String) -> String) -> Unit,
    ) {
        var seen = 0
        app.resources.getXml(xml).use { parser ->
            while (parser.next() != XmlPullParser.END_DOCUMENT) {
                if (parser.eventType != XmlPullParser.START_TAG) continue
                seen += 1
                see(parser.name) { name -> checkNotNull(parser.getAttributeValue(null, name) ?: parser.getAttributeValue(ANDROID, name)) }
            }
        }
        assertTrue(seen > 0)
    }

    private companion object {
        const val ANDROID = "http://schemas.android.com/apk/res/android"
        val DOMAINS = setOf("root", "file", "database", "sharedpref", "external", "device_root", "device_file", "device_database", "device_sharedpref")
        val MANAGED = setOf("server_url", "enrolment_link", "enrolment_code", "device_name", "language", "root_certificates")
    }
}
